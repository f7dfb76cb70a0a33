"""Words that tell a sentence, an instruction or a section of a template from a name that a feature could have."""

from __future__ import annotations

from verifier.manifests.text import stem

LINKING = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "it", "its", "we", "you", "they", "our", "your", "their",
    "my", "is", "are", "was", "were", "be", "been", "has", "have", "had", "can", "could", "will", "would", "should",
    "must", "may", "might", "do", "does", "did", "not", "no", "never", "how", "what", "why", "when", "where",
    "which", "who", "if", "then", "than", "as", "at", "by", "from", "into", "onto", "out", "up", "via", "per", "vs",
    "so", "but", "all", "any", "each", "every", "both", "only", "also", "too", "just", "more", "most", "less",
    "other", "same", "such", "new", "etc", "eg", "ie", "there", "here", "before", "after", "while", "during",
    "until", "because", "about", "between", "through", "over", "under",
})  # fmt: skip
"""Words of sentences, which no name of a feature has."""
JOINING = frozenset({
    "of", "and", "or", "for", "in", "on", "with", "to",
})  # fmt: skip
"""Words that such a name may have inside, and not at either end."""
DOING = frozenset({
    "add", "adds", "added", "apply", "ask", "avoid", "build", "builds", "call", "change", "check", "choose", "clone",
    "configure", "contact", "copy", "create", "creates", "define", "delete", "deploy", "develop", "download", "edit",
    "enable", "ensure", "execute", "extend", "fix", "fixed", "follow", "get", "give", "go", "handle", "handles",
    "implement", "implements", "import", "improve", "include", "install", "keep", "learn", "let", "load", "maintain",
    "make", "manage", "mock", "monitor", "open", "provide", "provides", "push", "read", "reads", "remove", "rename",
    "replace", "restart", "return", "returns", "review", "run", "runs", "save", "see", "send", "sends", "set",
    "show", "start", "stop", "store", "stores", "support", "supports", "take", "test", "track", "try", "understand",
    "update", "use", "used", "uses", "using", "validate", "verify", "view", "wait", "work", "write", "writes",
    "begin", "navigate", "complete", "completed",
})  # fmt: skip
"""Words that an instruction or a sentence begins with."""
EMPTY = frozenset({
    "advanced", "additional", "basic", "best", "common", "comprehensive", "core", "current", "custom", "detailed",
    "enhanced", "essential", "existing", "external", "full", "further", "future", "general", "high", "important",
    "internal", "key", "latest", "main", "major", "modern", "other", "overall", "primary", "quick", "recent",
    "simple", "special", "specific", "standard", "supporting", "typical", "various", "api", "app", "approach",
    "architecture", "area", "aspect", "benefit", "bug", "capability", "capabilities", "category", "class", "code",
    "command", "component", "concept", "config", "configuration", "consideration", "content", "context", "contract",
    "coverage", "decision", "dependency", "design", "detail", "development", "directory", "document",
    "documentation", "entry", "environment", "example", "feature", "file", "flow", "focus", "folder", "format",
    "function", "functionality", "goal", "guide", "guideline", "health", "idea", "implementation", "information",
    "input", "instruction", "integration", "interface", "issue", "item", "layer", "layout", "level", "library",
    "link", "list", "location", "method", "metric", "mode", "model", "module", "name", "note", "number", "operation",
    "option", "output", "overview", "package", "parameter", "part", "path", "pattern", "performance", "phase",
    "plan", "platform", "point", "practice", "principle", "priority", "problem", "process", "processing",
    "production", "progress", "project", "property", "purpose", "quality", "question", "readme", "reference",
    "release", "repository", "requirement", "resource", "result", "role", "rule", "scope", "script", "section",
    "service", "setting", "setup", "stage", "state", "status", "step", "structure", "style", "summary", "support",
    "system", "target", "task", "team", "technical", "term", "test", "testing", "tip", "todo", "tool", "topic",
    "type", "unit", "usage", "use", "user", "value", "version", "view", "workflow", "pipeline", "management",
    "manager", "engine", "framework", "infrastructure", "characteristic", "responsibility", "stack", "flowchart",
    "diagram", "checklist", "prerequisite", "quickstart", "analytics", "optimization", "enhancement", "excellence",
    "readiness", "experience", "metadata", "systems", "dashboard", "latency", "throughput", "alert", "alerts",
})  # fmt: skip
"""Words that say little by themselves: a phrase of nothing else is no candidate."""
LITTLE = frozenset(map(stem, EMPTY))
TAILS = frozenset(map(stem, ("management", "engine", "processing", "pipeline", "workflow", "monitoring")))
"""Such words that a name may end with, where another one says of what."""
