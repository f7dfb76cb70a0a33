"""What the host has heard from the sandbox so far: events in, evidence out."""

from __future__ import annotations

from verifier.apis import wire
from verifier.errors import SandboxError
from verifier.model import Effect, Failure, ImportResult, Isolation, Trail


class Heard:
    """Takes one event after the other. Files below `places` (the search path) are named relative to them."""

    def __init__(self, places: wire.Places) -> None:
        self.places = places
        self._trails: dict[wire.Json, Trail] = {}
        self.isolation: Isolation | None = None
        self.startup: tuple[Effect, ...] = ()
        self.trail: Trail | None = None
        """What the start of the interpreter depends on."""
        self.results: dict[str, ImportResult] = {}
        self.measured: dict[str, wire.Json] = {}
        """What was measured in each module that was asked to be."""
        self.late: set[str] = set()
        """Modules that were imported, and then took too long over what they were asked."""
        self.why: Failure | None = None
        """Why no module was tried."""

    @property
    def confined_by(self) -> Isolation:
        """The layers that held. Raises ValueError if none were told of."""
        if self.isolation is None:
            raise ValueError("the sandbox has not said how it is confined")
        return self.isolation

    def take(self, event: wire.Event) -> str | None:
        """Take note of an event; the module that it is about. Raises SandboxError where the sandbox itself failed."""
        match event["event"]:
            case "held":
                self.isolation = wire.isolation(event)
            case "started":
                self.startup = wire.effects(event, self.places)
                self.trail = self._trails.get(event["trail"])
            case "begin":
                return wire.as_text(event["module"])
            case "trail":
                self._trails[event["trail"]] = wire.trail(event, self._trails)
            case "module":
                result = wire.result(event, self.places, self._trails)
                self.results.setdefault(result.module, result)
                if event.get("measured") is not None:
                    self.measured[result.module] = event["measured"]
                if event.get("state") == "answering":
                    self.late.add(result.module)
                return result.module
            case "bug":
                raise SandboxError(f"the sandbox failed: {event['failure']}")
            case "end":
                self.why = None if event["started"] else wire.no_start(event["no_start"], self.places)
        return None
