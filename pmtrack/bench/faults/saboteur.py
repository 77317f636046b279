"""Does one harm after the other to a running stack and mends it; the same seed does the same in the same order."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pmtrack.bench.faults.stack import Stack

Deed = Callable[[random.Random], None]
WHOLE = ("web", "worker", "beat", "sweep", "valkey", "postgres")
WITH_CHILDREN = ("web", "worker", "postgres")
FREEZABLE = ("valkey", "worker", "postgres", "web")
LONGEST_FREEZE = 3.0


@dataclass(slots=True)
class Saboteur:
    """Kills whole programs and single processes of them, freezes, empties the broker, and restarts PostgreSQL in peace."""

    stack: Stack
    seed: int
    deeds: list[str] = field(default_factory=list)

    def run(self, *, deeds: int = 1_000_000, seconds: float = float("inf"), pause: float) -> None:
        """Do ``deeds``, or as many as fit into ``seconds``. The first round does each kind once."""
        choice, kinds, until = random.Random(self.seed), self.kinds(), time.monotonic() + seconds
        order = choice.sample(sorted(kinds), len(kinds))
        while len(self.deeds) < deeds and time.monotonic() < until:
            kind = order[len(self.deeds)] if len(self.deeds) < len(order) else choice.choice(sorted(kinds))
            # Not a wait for a condition: the harm comes at a moment that nobody chose.
            time.sleep(choice.uniform(pause / 2, pause))
            kinds[kind](choice)
            self.deeds.append(kind)

    def kinds(self) -> Mapping[str, Deed]:
        """Every harm by its name."""
        return {
            **{f"kill {name}": self._kill(name) for name in WHOLE},
            **{f"kill a process of {name}": self._kill_a_child(name) for name in WITH_CHILDREN},
            **{f"freeze {name}": self._freeze(name) for name in FREEZABLE},
            "restart postgres": self._restart,
            "flush valkey": lambda choice: self.stack.flush(),
        }

    def _kill(self, name: str) -> Deed:
        def kill(choice: random.Random) -> None:
            self.stack.kill(name)
            time.sleep(choice.uniform(0, 0.5))  # gone for a while
            self.stack.start_again(name)

        return kill

    def _kill_a_child(self, name: str) -> Deed:
        return lambda choice: self.stack.kill_a_child_of(name, choice.randrange(20))

    def _freeze(self, name: str) -> Deed:
        def freeze(choice: random.Random) -> None:
            self.stack.freeze(name)
            time.sleep(choice.uniform(0.5, LONGEST_FREEZE))
            self.stack.thaw(name)

        return freeze

    def _restart(self, choice: random.Random) -> None:
        self.stack.stop("postgres")
        time.sleep(choice.uniform(0, 0.5))
        self.stack.start_again("postgres")
