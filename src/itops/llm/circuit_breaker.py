"""A model that keeps failing is left alone for a while, so that nobody waits for it in vain."""

import threading
import time
from collections.abc import Callable
from typing import Final

from itops.errors import ProviderError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said

_FAILURES: Final = 3
_REST_SECONDS: Final = 30.0


class BreakingModel:
    """Refuses at once after three calls in a row that failed for what may pass; then one call tries whether it did."""

    def __init__(self, model: LanguageModel, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = model.name
        self._model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says.

        Raises:
            ProviderError: as the model raises it; or at once, as it failed too often just now.
        """
        self._refuse_while_resting()
        try:
            said = await self._model.say(request, hear)
        except ProviderError as error:
            self._count(failed=error.transient)
            raise
        self._count(failed=False)
        return said

    def _refuse_while_resting(self) -> None:
        with self._lock:
            left = self._rests_until - self._clock()
            if left <= 0 and self._failures >= _FAILURES:
                # The others wait until this call tells how it went.
                self._rests_until = self._clock() + _REST_SECONDS
        if left > 0:
            raise ProviderError(
                f"The model {self.name} failed {_FAILURES} times in a row, and is not asked for another {left:.0f} "
                "seconds.",
                mend="Try again then, or set ITOPS_LLM_FALLBACK to a second model.",
                transient=True,
                billed=False,
            )

    def _count(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            self._rests_until = self._clock() + _REST_SECONDS if self._failures >= _FAILURES else 0.0
