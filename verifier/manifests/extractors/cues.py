"""Words that speak against taking a phrase as a feature, by what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.manifests.text import stem


class Cues:
    """Sequences of words, written with `|` between them."""

    def __init__(self, text: str) -> None:
        self._known: dict[str, list[tuple[str, ...]]] = {}
        for words in (tuple(cue.split()) for cue in text.split("|")):
            self._known.setdefault(words[0], []).append(words)

    def spots(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where they stand: the index of the first word, and that behind the last one."""
        for index, word in enumerate(words):
            for cue in self._known.get(word, ()):
                if tuple(words[index : index + len(cue)]) == cue:
                    yield index, index + len(cue)

    def within(self, words: Sequence[str]) -> bool:
        """Whether one of them is there."""
        return next(self.spots(words), None) is not None

    def is_all(self, words: Sequence[str]) -> bool:
        """Whether the words are one of them, and nothing else."""
        return any(span == (0, len(words)) for span in self.spots(words))


# --- in the sentence of the phrase ------------------------------------------------------------------------------------

NEGATION = Cues("""
    not|no|never|without|neither|nor|none|cannot|nothing|don't|doesn't|didn't|isn't|aren't|wasn't|won't|can't|
    hasn't|haven't|wouldn't|shouldn't|lack|lacks|lacking|missing|exclude|excludes|excluded|excluding|omit|omits|
    avoid|avoids|instead of|rather than|free of|forgo|forgoes
""")
ABSENCE = Cues("""
    support|supports|supported|available|provide|provides|provided|offer|offers|offered|include|includes|
    included|implement|implements|implemented|handle|handles|handled|exist|exists|present|part|here|needed|
    necessary|required|planned|intended|used|built|shipped|covered|contain|contains|have|has|our|ours|enabled|
    ready|done|there|scope|goal|desired|worth|yet|in this|of this|a feature|come with|comes with|do|does
""")
"""With a negation before them they say that something is not there."""
GONE = Cues("""
    missing|absent|unsupported|unavailable|disabled|excluded|omitted|left out|out of scope|a non-goal|
    impossible|ruled out|off the table|not supported|not implemented|not available|not provided|not included|
    not part
""")
REMOVED = Cues("""
    removed|dropped|deprecated|retired|obsolete|no longer|discontinued|superseded|replaced|moved to|moved into|
    moved out|migrated to|migrated away|extracted to|extracted into|split out|sunset|abandoned|withdrawn|gone
""")
ONCE = Cues("""
    removed|drop|dropped|removes|deprecated|deprecates|retired|obsolete|no longer|formerly|used to|former|legacy
""")
PLANNED = Cues("""
    planned|plan to|plans to|plan for|planning to|is planning|future|upcoming|roadmap|todo|tbd|fixme|wip|
    next release|next version|next step|next steps|up next|next up|later release|later version|coming soon|
    soon to come|come soon|comes soon|comes later|come later|come next|comes next|added later|eventually|
    someday|some day|one day|proposed|proposal|under consideration|being considered|want to|wants to|would like|
    hope to|hopes to|aim to|aims to|intend to|intends to|wish list|wishlist|in progress|work in progress|
    under construction|under development|not yet|yet to|will add|will be added|will provide|will be provided|
    will support|will be supported|will get|will have|will offer|will gain|will introduce|will bring|
    will be introduced|will be implemented|will be available|will come|will follow|will be built|
    will be written|will become|will land|will be possible|going to|consider adding|considering|to be added|
    to be implemented|to be done|to be written|to follow|backlog|q1|q2|q3|q4
""")
MAYBE = Cues("""
    could|might|would|should|if|unless|in case|suppose|supposing|assume|assuming|imagine|hypothetically|perhaps
""")
MAYBE_AFTER = Cues("""
    could|might|would|should|may come|may follow|may be added|were
""")
EXAMPLE = Cues("""
    eg|for example|for instance|such as|imagine|suppose|example :|examples :|example|say ,
""")
POINTING = Cues("""
    see|refer to|refers to|consult|look at|described in|documented in|described there|documented there|
    read more|more on|learn about|guide to|introduction to|details on|details of|information on|docs for|
    docs on|article on
""")
THERE = Cues("""
    described there|documented there|described in|documented in|explained in|covered in the docs|is described|
    see
""")
LIKENESS = Cues("""
    unlike|like|similar to|compared to|compared with|comparable to|as opposed to|inspired by|alternative to|
    in contrast to|alternatives to|replacement for|substitute for|analogous to|analogue of|reminiscent of|
    different from|not to be confused with
""")
TAKING = Cues("""
    consume|consumes|consuming|depend on|depends on|depending on|dependent on|rely on|relies on|relying on|
    require|requires|requiring|need|needs|needing|call|calls|calling|subscribe to|subscribes to|listen to|
    listens to|receive|receives|receives from|read from|reads from|feed|feeds|feeds into|feeding|fed by|
    forward to|forwards to|publishes to|connect to|connects to|talk to|talks to|integrate with|integrates with|
    integrated with|integration with|delegate|delegates|delegates to|delegated to|wraps|hook into|hooks into|
    plug into|plugs into|on top of|built on|builds on|based on|borrow|borrows|borrows from|driven by|powered by|
    backed by|triggered by|client of|clients of|consumer of|consumers of|downstream of|upstream of|behind a|
    in front of|output of|outputs of|result of|results of|input to|input for|inputs to|inputs for|maps to|
    maps onto|mapped to|mapped onto|map to|map onto|corresponds to|belongs to|contributes to|contribute to|
    part of the|role in|participates in|supplied by|enables|enabling|serves|serving|supports the|uses the|
    use the|using the|via the|through the|by the|within the|together with the|hands over to|handed to|passes to|
    passed to|sent to|sends to
""")
"""Someone else has what follows."""
ELSEWHERE = Cues("""
    elsewhere|lives in|live in|belongs to|belong to|left to|is up to|the job of|the task of|the business of|
    resides in|the responsibility of|responsibility of|delegated to|comes from|come from|is what|is where|
    happens in|outsourced|someone else|somebody else|delivers|owned by|externally|external|upstream|downstream|
    says|decides|hands over
""")
DONE_BY = Cues("""
    handled by|provided by|done by|implemented by|managed by|offered by|supplied by|kept by|run by|served by|
    made by|maintained by|delivered by|performed by|handled in|provided in|implemented in|done in|offered in|
    computed by|computed in|served from|exposed by|covered by|taken care of by|executed by|ensured by|
    guaranteed by|enforced by
""")
WATCHING = Cues("""
    monitor|monitors|monitored|monitoring|watch|watches|watching|observe|observes|alert|alerts|alerting|page|
    pages|dashboard|dashboards|panel|panels|deploy|deploys|deployed|deploying|deployment of|deployments of|
    roll out|rolls out|rollout of|provision|provisions|install|installs|health of|latency of|metrics for|
    metrics of|metrics from|logs of|logs from|status of|state of the|runbook|runbooks|scrape|scrapes|measures|
    measure|track|tracks|tracking|test|tests|tested|testing|mock|mocks|mocked|fake|fakes|faked|stub|stubs|
    stubbed|benchmark|benchmarks|plot|plots|chart|charts|graph of|graphs of|visualise|visualises|visualize|
    visualizes|restart|restarts|scale|scales|latency|audits
""")
WATCHED = Cues("""
    dashboard|dashboards|alert|alerts|monitor|monitors|monitoring|deployment|deployments|pod|pods|container|
    containers|replica|replicas|panel|panels|runbook|runbooks|latency|outage|outages|incident|incidents|test|
    tests|mock|mocks|stub|stubs|score|scores|debugger|inspector|inspection|debugging|visualizer|visualiser|
    viewer|explorer|tester|drops below|drops under|falls below|falls under|rises above|goes above|exceeds|
    is longer than|is slower than|takes more than|takes longer|is down|is unhealthy|is monitored|are monitored|
    is watched|is deployed|are deployed|is mocked|are mocked|is faked|are faked|is stubbed|are stubbed|
    is tested|are tested|metrics|logs
""")
WORDING = Cues("""
    the term|the terms|the phrase|the phrases|the word|the words|the wording|the expression|the label|the title|
    term|called|named|labelled|labeled|the keyword|keywords|synonym of|synonym for|known as|the name
""")
WORDED = Cues("""
    is written|is spelled|is spelt|means|mean|refers to|is defined as|is defined|is a term|is the term|denotes|
    stands for|is the permitted|is permitted|is the approved|as a term|is jargon
""")
PROVIDING = Cues("""
    provide|provides|providing|implement|implements|implementing|offer|offers|offering|support|supports|
    supporting|add|adds|adding|contain|contains|include|includes|including|perform|performs|performing|does|
    gives|is|are|a|an|own|maintains|brings|has|enforces
""")
PARTS = frozenset({
    "module", "modules", "package", "packages", "service", "services", "pipeline", "pipelines", "subsystem", "library",
    "team", "repository", "repo", "subsystems", "libraries", "squad",
})  # fmt: skip
"""What a module is called behind its name: `the broker service`."""
JOINTS = frozenset({"integration", "integrations", "bridge", "connection", "mapping", "interface", "interop"})
PAPERS = frozenset({
    "team", "page", "pages", "doc", "docs", "documentation", "repo", "repository", "guide", "readme", "manual", "wiki",
    "ticket", "tickets", "chapter", "tutorial", "book", "paper", "article", "talk", "specification", "rfc",
})  # fmt: skip
SPEAKING = frozenset({
    "has", "does", "provides", "offers", "handles", "implements", "owns", "keeps", "runs", "gives", "supplies",
    "delivers", "performs", "is", "brings", "supports", "computes", "maintains",
})  # fmt: skip
CONTRAST = frozenset({";", "but", "however", "whereas", "while", "although", "though", "nevertheless", "so"})
DETERMINERS = frozenset({
    "the", "a", "an", "this", "it", "its", "we", "our", "all", "each", "every", "that", "these", "they", "you", "both",
})  # fmt: skip
OURS = frozenset({"its", "our", "this", "their", "own", "itself"})
LABEL_ENDS = frozenset({":", "\N{EM DASH}", "\N{EN DASH}", "-", "->", "→", "|"})
ARROWS = frozenset({"→", "->", "=>", "⇒", "➜", "➡", "⟶", "←", "↔", "⇄", "⇨", "↦"})
NO = frozenset({"no", "none", "not yet", "never", "n", "false", "unsupported", "missing", "absent", "external", "off"})

# --- in what the phrase stands under: headings, leads, sentences before a list, heads of columns ----------------------

UNDER_ALL = {
    "negated": """
        limitations|exclusions|anti-patterns|known issues|known limitations|missing|unsupported|omissions|gaps|
        no
    """,
    "planned": """
        in progress|pending|priorities|objectives|roadmap|future|planned|plans|plan|todo|todos|to do|backlog|
        ideas|wishlist|upcoming|next steps|later|next|vision|hypotheses|hypothesis|open questions|wip|draft|
        proposals|milestones|next up|aspirations|tbd|soon|what is next|coming
    """,
    "removed": """
        history|changelog|change log|release notes|legacy|archive|archived|migration guide|upgrading|
        upgrade guide|releases|what is new|former features|breaking changes|old versions|upgrade notes
    """,
    "other": """
        integration|integrations|dependencies|dependency|requirements|prerequisites|upstream|downstream|
        consumers|clients|collaborators|neighbours|neighbors|relationships|relations|ecosystem|alternatives|
        comparison|external|externals|external dependencies|external services|external systems|third party|
        data flow|dataflow|interactions|connections|partners|stakeholders|prior art|consumes|uses|requires|
        needs|depends|delegated|delegates|feeds|listens to|subscribes to|interfaces with|bigger picture|
        big picture|services used|used services|inputs from|calls
    """,
    "navigation": """
        see|references|reference|links|contents|content|toc|navigation|resources|bibliography|index|
        documentation|docs|related
    """,
    "example": """
        examples|example|samples|sample|use cases|demo|demos|scenarios|topics|case studies|snippets|recipes|faq|
        illustration
    """,
    "wording": """
        vocabulary|glossary|terminology|wording|terms|phrases|lexicon|definitions|synonyms|keywords|tags|copy|
        messaging|tone|naming|taxonomy|labels|language|dictionary|claims|taglines|term|phrase|keyword|tag|
        meaning|means
    """,
    "watched": """
        monitoring|alerts|alerting|dashboards|deployment|deployments|runbook|runbooks|incidents|slos|tests|
        testing|test|mocked|mocks|benchmarks|test coverage|checklist|dashboard|alert|charts|test plan|
        test cases|panels|faked|stubbed
    """,
}
"""What a heading, a lead or a column's head may be as a whole, or a part of it between commas and `and`."""
UNDER_SOME = {
    "negated": """
        not|non|don't|doesn't|isn't|aren't|won't|cannot|can't|out of scope|beyond scope|excluded|unsupported|
        nongoals|without|beyond the scope|missing features|lacks
    """,
    "planned": """
        development tasks|development priorities|implementation priorities|in progress|roadmap|planned|upcoming|
        future|next steps|coming soon|not yet|under consideration|under construction|next release|next version|
        wishlist|wish list|open questions|open issues|proposed|unfinished|work in progress|will be added|
        will follow|todo
    """,
    "removed": """
        deprecated|deprecation|deprecations|removed|removal|no longer|obsolete|retired|breaking changes|
        discontinued|moved to
    """,
    "other": """
        integration with|integration points|integration into|integrates with|integrating with|integration to|
        depends on|depend on|used by|called by|consumed by|relationship to|relationship with|relation to|
        mapping to|mapping onto|mapping|maps to|mapped to|maps onto|left to|elsewhere|compared with|compared to|
        comparison with|versus|vs|other modules|other services|other systems|works with|interacts with|
        interaction with|position in|role in|place in|part in|connection to|connected to|connects to|
        interfaces with|communicates with|input from|feeds into|handled by|provided by|owned by|inspired by|
        contract with|fits in|where it sits|where it fits|surrounding|third party|upstream|downstream|
        pipeline integration|delegated to|subscribes to|listens to|consumes|works alongside|hand over|handover|
        hands over|bridge to|alternatives to|and other|collaborators|dependencies
    """,
    "navigation": """
        see also|related modules|related documents|related documentation|related packages|related projects|
        related services|related work|related reading|further reading|read more|table of contents|
        more information|learn more|on this page|quick links|further information|useful links|where to go|
        more reading|related components|related topics|related systems
    """,
    "example": """
        for example|for instance|sample passages|sample passage|example of|examples of|sample text|
        example passages|example text|sample sentences|sample data|usage examples|sample output|example output|
        sample documents
    """,
    "wording": """
        style guide|permitted wording|approved wording|permitted wordings|approved terms|key terms|
        approved phrases|passages|permitted terms|controlled vocabulary|brand voice|wordings|glossary|
        terminology|synonyms|word list|preferred terms
    """,
    "watched": """
        test matrix|mocked|on call|alerts on|dashboards for|deployment of|test cases|monitoring of|health of|
        alert rules|under test|what is tested|what we test|monitored
    """,
}
"""What may be a part of it."""
WATCHERS = frozenset(map(stem, (
    "monitor", "monitoring", "alert", "alerting", "dashboard", "deploy", "deployment", "helm", "chart", "infra",
    "infrastructure", "terraform", "ansible", "kubernetes", "k8s", "ops", "grafana", "prometheus", "e2e", "test",
    "testing", "bench", "benchmark", "watchdog", "watch", "runbook",
)))  # fmt: skip
"""Stems in the name of a module whose business is to watch, deploy or test others."""
WATCHING_ITSELF = frozenset(map(stem, (
    "metric", "alert", "alerting", "monitor", "monitoring", "log", "logging", "trace", "tracing", "span",
    "dashboard", "health", "probe", "deploy", "deployment", "rollout", "check", "telemetry", "observability", "test",
    "fixture", "benchmark", "profiling", "evaluation", "scanning", "profiler", "audit",
)))  # fmt: skip
"""Stems in phrases for features of such a module."""
WRITERS = Cues("""
    glossary|vocabulary|style guid|wording|terminology|lexicon|dictionary|phrasebook|messaging|brand|branding|
    copywriting|tone of voic|writing guid|taxonomy|keyword
""")
"""Stems in the name or title of a module that is about texts."""
