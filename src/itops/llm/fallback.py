"""A second model for when the first can't be had."""

from itops.errors import BudgetExceeded, ProviderError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said
from itops.llm.streaming import Listener


class FallbackModel:
    """The first model, and the second where the first fails before it said anything."""

    def __init__(self, first: LanguageModel, second: LanguageModel) -> None:
        self.name = first.name
        self._first = first
        self._second = second

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the first model that can says; the reply names it.

        Raises:
            ProviderError: both fail.
        """
        listener = Listener(hear)
        try:
            return await self._first.say(request, listener.hear)
        except BudgetExceeded:
            raise
        except ProviderError as error:
            if listener.has_heard:
                raise
            failed = error
        try:
            return await self._second.say(request, hear)
        except ProviderError as error:
            raise ProviderError(
                f"{failed.what} The fall-back failed too: {error.what}",
                mend=failed.mend,
                transient=failed.transient or error.transient,
                billed=failed.billed or error.billed,
            ) from error
