"""The composition root: settings in, the house out. Parts are made when first used; importing this makes none."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from errno import EACCES
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from itops.app import ItOps
from itops.domain.effect import Effect
from itops.domain.event import Journal
from itops.domain.identity import Person
from itops.domain.instruction import Language, RankedInstruction
from itops.domain.script import Limits
from itops.domain.target import Platform
from itops.domain.task import Task
from itops.errors import StoreError
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.settings import Settings
from itops.targets.inventory import Inventory
from itops.targets.tool_inventory import ToolInventory

if TYPE_CHECKING:
    from itops.agents.base_agent import BaseAgent
    from itops.approval.approval_desk import ApprovalDesk
    from itops.execution.fan_out import Runner
    from itops.execution.preview_runner import PreviewRunner
    from itops.instructions.importers.import_service import ImportService
    from itops.instructions.index.embeddings import Embeddings
    from itops.instructions.index.instruction_store import InstructionStore
    from itops.instructions.instruction_manager import InstructionManager
    from itops.instructions.learning.learning import Learning
    from itops.instructions.learning.library_stats import LibraryStats
    from itops.journal.anchor import Anchor
    from itops.journal.verify import Verification
    from itops.llm.layers import Layers
    from itops.policy.asked import Asked
    from itops.policy.explanation import Explanation
    from itops.policy.judgement import Judgement
    from itops.policy.policy_engine import PolicyEngine
    from itops.policy.policy_lint import LintReport
    from itops.policy.sandboxing import Containment
    from itops.storage.database import Database
    from itops.storage.sql_ledger import SqlLedger
    from itops.targets.inventory_edit import InventoryEditor
    from itops.workflow.engine import Engine
    from itops.workflow.task_steps import TaskSteps

LIBRARIAN = Person(id="itops", name="the starter library")


class House:
    """Every part of itops, wired. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redactor = Redactor()
        self.inventory = Inventory(settings.home / "targets.yaml")
        self.tools = ToolInventory()
        self._engine: Engine | None = None
        self._is_filled = False

    @cached_property
    def home(self) -> Path:
        """Where state lives; made at first use, for this user alone."""
        home = self.settings.home
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(home, os.W_OK | os.X_OK):
                raise PermissionError(EACCES, "it may not be written")
        except OSError as error:
            raise StoreError(
                f"The folder for itops' state can't be used: {home}: {error.strerror}.",
                mend="Set ITOPS_HOME to a folder that you may write.",
            ) from error
        return home

    @cached_property
    def database(self) -> "Database":
        """The one database, its tables up to date."""
        from itops.storage.database import Database, open_engine
        from itops.storage.upgrade import upgrade

        url = self.settings.database_url.get_secret_value() or f"sqlite:///{self.home}/itops.db"
        engine = open_engine(url)
        upgrade(engine)
        return Database(engine)

    @cached_property
    def anchor(self) -> "Anchor":
        """The signed words about the journal, outside its database."""
        from itops.journal.anchor import Anchor

        key_file = self.settings.journal_key_file or self.home / "journal.key"
        return Anchor(self.home / "journal.anchors", key_file)

    @cached_property
    def journal(self) -> Journal:
        """The record of everything; its events are log lines too."""
        from itops.journal.sql_journal import SqlJournal
        from itops.telemetry.event_log import LoggedJournal, configure_logs

        in_production = self.settings.profile == "production"
        configure_logs(self.home / "logs", level=self.settings.log_level, as_json=in_production)
        return LoggedJournal(SqlJournal(self.database, anchor=self.anchor))

    @cached_property
    def library(self) -> "InstructionManager":
        """The instructions, as they stand."""
        from itops.instructions.index.embedding_cache import CachedEmbeddings
        from itops.instructions.instruction_manager import InstructionManager

        return InstructionManager(
            database=self.database,
            store=self.index,
            embeddings=self.embeddings,
            documents=CachedEmbeddings(self.embeddings, self.home / "index" / "embeddings.db"),
            journal=self.journal,
            threshold=self.settings.relevance_threshold,
        )

    @cached_property
    def embeddings(self) -> "Embeddings":
        """What turns instructions and requests into vectors."""
        from itops.instructions.index.embedding_factory import create_embeddings

        return create_embeddings(self.settings.embeddings, redact=self.redactor.redact)

    @cached_property
    def imports(self) -> "ImportService":
        """The way in for instructions of other formats; what their commands would do is judged, not believed."""
        from itops.instructions.importers.import_service import ImportService

        async def effect_of(language: Language, text: str) -> Effect:
            return (await self.check(language, text)).effect

        return ImportService(library=self.library, effect_of=effect_of, redactor=self.redactor)

    @cached_property
    def learning(self) -> "Learning":
        """What the library learns from use."""
        from itops.instructions.learning.learning import Learning

        return Learning(
            database=self.database, journal=self.journal, library=self.filled_library, redactor=self.redactor
        )

    async def library_stats(self, *, days: int) -> "LibraryStats":
        """How the library is used, and what to review, by the last ``days`` days."""
        from itops.instructions.learning.library_stats import read_stats

        await self.filled_library()
        now = datetime.now(UTC)
        return await read_stats(self.database, self.journal, redact=self.redactor.redact, days=days, now=now)

    async def filled_library(self) -> "InstructionManager":
        """The instructions, the starter library among them; looked for once a process."""
        from itops.instructions.instruction_manager import library_dir

        if not self._is_filled:
            await self.library.ensure_library(library_dir())
            self._is_filled = True
        return self.library

    async def search(self, words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        """The read-only search that agents are given; it knows what this machine has."""
        library = await self.filled_library()
        tools = await self.tools(self.inventory.targets()[0])
        return await library.find(words, platform=platform, tools=tools, top=top)

    @cached_property
    def keeper(self) -> SecretKeeper:
        """Where secrets come from, and where generated ones wait for their requester."""
        return SecretKeeper(self.home)

    @cached_property
    def policy(self) -> "PolicyEngine":
        """What may run."""
        from itops.policy.policy_engine import PolicyEngine
        from itops.policy.policy_file import load_policy

        valid_for = timedelta(minutes=self.settings.approval_minutes)
        policy = load_policy(self.policy_dir, protected=[self.home])
        return PolicyEngine(policy, valid_for=valid_for, containment=self._containment(), sizes=self.inventory.sizes)

    @property
    def policy_dir(self) -> Path | None:
        """Where the organisation's rules stand: what is set, else ``policy`` under home, if that is there."""
        own = self.home / "policy"
        return self.settings.policy_dir or (own if own.exists() or own.is_symlink() else None)

    @cached_property
    def desk(self) -> "ApprovalDesk":
        """What waits for a person."""
        from itops.approval.approval_desk import ApprovalDesk
        from itops.storage.sql_approvals import SqlApprovals

        store = SqlApprovals(self.database)
        minutes = self.settings.approval_minutes
        return ApprovalDesk(store, self.journal, minutes=minutes, clock=lambda: datetime.now(UTC))

    @cached_property
    def runner(self) -> "Runner":
        """The one place where anything runs."""
        from itops.execution.executor_factory import ExecutorParts, Executors
        from itops.execution.fan_out import Runner

        parts = ExecutorParts(self.home, self.keeper, self.redactor, self.inventory.connection)
        return Runner(Executors(parts), self.journal)

    @cached_property
    def inventory_editor(self) -> "InventoryEditor":
        """Changes of the file that says where commands can run."""
        from itops.targets.inventory_edit import InventoryEditor

        return InventoryEditor(self.home / "targets.yaml")

    @cached_property
    def previews(self) -> "PreviewRunner":
        """Where changes of local files are tried before a person is asked."""
        from itops.execution.preview_runner import PreviewRunner

        return PreviewRunner(redact=self.redactor.redact, is_secret=self.policy.is_secret)

    @cached_property
    def models(self) -> "Layers | None":
        """The model that is set, if one is, with its fall-back and all the layers around them."""
        from itops.llm.layers import layers_of

        if not self.settings.llm:
            return None
        return layers_of(self.settings, home=self.home, ledger=self.ledger, redact=self.redactor.redact)

    @cached_property
    def ledger(self) -> "SqlLedger":
        """What was spent on models."""
        from itops.storage.sql_ledger import SqlLedger

        return SqlLedger(self.database)

    @cached_property
    def default_agent(self) -> str:
        """The agent of a task that names none: without a model, the one that needs none."""
        return self.settings.agent or ("native" if self.settings.llm else "template")

    @cached_property
    def steps(self) -> "TaskSteps":
        """The lines of the story, over all rooms."""
        from itops.scripts.scripts import Scripts
        from itops.workflow.task_steps import Rooms, TaskSteps

        settings = self.settings
        return TaskSteps(
            Rooms(
                journal=self.journal,
                targets=self.inventory,
                tools=self.tools,
                library=self.filled_library,
                agents=self._agent,
                reader=Scripts(),
                policy=self.policy,
                desk=self.desk,
                runner=self.runner,
                previews=self.previews if settings.preview else None,
                limits=Limits(
                    time_limit_seconds=settings.time_limit_seconds,
                    idle_limit_seconds=settings.idle_limit_seconds,
                    output_limit_bytes=settings.output_limit_bytes,
                ),
                question_seconds=settings.question_minutes * 60,
                poll_seconds=settings.poll_seconds,
            )
        )

    @cached_property
    def engine(self) -> "Engine":
        """What makes tasks durable; it starts with its first task."""
        from itops.workflow.engine import Engine
        from itops.workflow.task_workflow import Bounds

        settings = self.settings
        url = settings.workflow_database_url.get_secret_value() or f"sqlite:///{self.home}/workflow.db"
        self._engine = Engine(
            url=url,
            database=self.database,
            steps=lambda: self.steps,
            bounds=Bounds(proposals=settings.steps_per_subtask, repairs=settings.repair_rounds),
            lease_seconds=settings.lease_seconds,
            poll_seconds=settings.poll_seconds,
        )
        return self._engine

    @cached_property
    def app(self) -> ItOps:
        """The facade."""
        from itops import plugins
        from itops.agents.agent_factory import GROUP

        return ItOps(
            journal=self.journal,
            engine=self.engine,
            desk=self.desk,
            targets=self.inventory,
            handover=self.keeper,
            learning=self.learning,
            agents=frozenset(plugins.names(GROUP)),
            words_limit=self.settings.task_words_limit,
            poll_seconds=self.settings.poll_seconds,
        )

    async def check(self, language: Language, text: str, asked: "Asked | None" = None) -> "Judgement":
        """Judge a text without running it: now, without a target and for nobody, where nothing else is asked."""
        from itops.policy.asked import Asked
        from itops.scripts.scripts import Scripts

        facts = await Scripts().read(language, text)
        return self.policy.judge_facts(facts, asked or Asked(now=datetime.now(UTC)))

    async def explain(self, language: Language, text: str, asked: "Asked") -> "Explanation":
        """Why a text is judged as it is; it is not run."""
        from itops.scripts.scripts import Scripts

        return self.policy.explain(await Scripts().read(language, text), asked)

    def lint_policy(self, directory: Path | None) -> "LintReport":
        """What is off with the rules of a directory; where none is named, with those in force."""
        from itops.policy.policy_lint import lint

        report = lint(directory or self.policy_dir, now=datetime.now(UTC))
        in_force = directory is None and all(finding.loads for finding in report.findings)
        return report.model_copy(update={"version": self.policy.version if in_force else ""})

    async def verify_journal(self) -> "Verification":
        """Whether the journal's chain is whole, by its anchors too."""
        from itops.journal.verify import verify

        return await verify(self.database, anchor=self.anchor)

    def export_journal(self) -> AsyncIterator[str]:
        """Every record as a JSON line."""
        from itops.journal.verify import export

        return export(self.database)

    def close(self) -> None:
        """Stop the engine, if it was started, and let the database go."""
        if self._engine is not None:
            self._engine.close()
        if "database" in self.__dict__:
            self.database.engine.dispose()

    @cached_property
    def index(self) -> "InstructionStore":
        """The search index: in a folder of this machine, or on a Chroma server that several share."""
        if not self.settings.chroma_url:
            from itops.instructions.index.chroma_client import ChromaStore

            return ChromaStore(self.home / "index")
        from itops.instructions.index.chroma_http import ChromaHttp
        from itops.instructions.index.chroma_server import ChromaServerStore
        from itops.instructions.index.library_identity import library_identity
        from itops.instructions.index.writer_lease import WriterLease

        return ChromaServerStore(
            ChromaHttp(self.settings.chroma_url, token=self.settings.chroma_token.get_secret_value()),
            library=lambda: library_identity(self.database),
            writing=WriterLease(self.database).held,
        )

    def sandboxes(self) -> tuple[str, ...]:
        """The ways to confine a command that this machine has, best first."""
        from itops.execution.sandbox import available

        return available()

    def _containment(self) -> "Containment | None":
        """How reads that nobody approves are confined; whether they can be is asked when one is judged."""
        from itops.policy.sandboxing import Containment

        if self.settings.sandbox == "off":
            return None
        return Containment(
            confines=lambda targets, sandbox: self.runner.confines(targets, sandbox),  # noqa: PLW0108 - made when asked
            is_required=self.settings.sandbox == "required",
        )

    def _agent(self, task: Task) -> "BaseAgent":
        from itops.agents.agent_factory import AgentTools, create_agent

        model = self.models.for_task(task, now=datetime.now(UTC)) if self.models else None
        return create_agent(task.agent or self.default_agent, AgentTools(search=self.search, model=model))
