"""What may pass by itself is tried again, with growing pauses."""

import time
from typing import Final

from itops.errors import ProviderError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said
from itops.llm.streaming import Listener

_ATTEMPTS: Final = 3
_LONGEST_WAIT_SECONDS: Final = 20.0


class RetryingModel:
    """A model that is asked again where its provider was busy, broke down for a moment, or hung up."""

    def __init__(self, model: LanguageModel, *, time_limit_seconds: float) -> None:
        self.name = model.name
        self._model = model
        self._time_limit = time_limit_seconds

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says; all tries together take no longer than the time limit, but for the last one."""
        import stamina

        listener, deadline = Listener(hear), time.monotonic() + self._time_limit

        def again(error: Exception) -> bool | float:
            if not isinstance(error, ProviderError) or error.retry_after is None or listener.has_heard:
                return False
            if error.retry_after > min(_LONGEST_WAIT_SECONDS, deadline - time.monotonic()):
                return False
            return error.retry_after or True

        async for attempt in stamina.retry_context(
            on=again, attempts=_ATTEMPTS, timeout=self._time_limit, wait_initial=0.2, wait_jitter=0.2
        ):
            with attempt:
                return await self._model.say(request, listener.hear)
        raise AssertionError("unreachable: the last attempt returns or raises")
