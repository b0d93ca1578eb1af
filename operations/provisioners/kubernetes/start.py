"""Start a workspace: on a new volume, or on the one that it has already."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.provisioners.base import (
    Log,
    NoRoomError,
    ProvisionError,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.deadlines import remember_deadline, stop_time
from operations.provisioners.editor_config import password_hash
from operations.provisioners.kubernetes import files, manifests, pods, states, waiting
from operations.provisioners.kubernetes.api import Api, Kind
from operations.provisioners.kubernetes.deadlines import write_deadline
from operations.provisioners.kubernetes.errors import ApiError, ExecFailedError
from operations.provisioners.kubernetes.naming import (
    ENDS_AT_ANNOTATION,
    PASSWORD_ANNOTATION,
    Names,
    parse_time,
)
from operations.provisioners.kubernetes.options import KubernetesOptions

# How long an editor may take until its first response, and so long it may be silent later.
STARTUP_TIME, SILENCE_TIME = timedelta(minutes=3), timedelta(minutes=1)
# The init container ends so soon after the volume has the files.
PREPARED_SECONDS = 15.0
MAX_PATCH_ATTEMPTS = 3
NOT_PREPARED = (
    "The Pod didn't find its files in time. If that goes on, its volume was never filled, or it is "
    "full."
)
NO_INTERNET = "The workspace has no internet, as its challenge does not allow it."
INTERNET_NOT_REFUSED = (
    "The challenge allows no internet. It is not known whether the cluster's network enforces that "
    "(KUBERNETES_ENFORCES_POLICIES)."
)


@dataclass(frozen=True)
class WorkspaceStart:
    """Starts one workspace, or finds that it runs."""

    api: Api
    options: KubernetesOptions
    names: Names

    def run(self, spec: WorkspaceSpec, log: Log) -> None:
        """Have it run, with its files; the editor need not answer yet.

        Raises:
            ProvisionError: if the cluster cannot start it.
            WorkspaceGoneError: if its files are lost.
            MachineDownError: if it is on a machine that does not answer.
        """
        api, names = self.api, self.names
        is_new = spec.files is not None or spec.archive is not None
        self._check_claim(is_new=is_new)
        pod = api.read(Kind.POD, names.base)
        if pod is not None:
            names.check_ownership(pod, "start")
            states.check_machine(pod, "start")
            has_password = _has_password(pod, spec.password)
            is_hung = not is_new and _is_unresponsive(pod)
            if states.is_running(pod) and has_password and not is_hung:
                self._keep_deadline(pod, spec)
                log("The workspace is already running.")
                return
            if states.is_terminating(pod) or states.is_over(pod) or is_hung or not has_password:
                if not is_new:
                    log(_reason_for_restart(pod, is_hung=is_hung))
                waiting.remove_pod(api, names, names.base, "start")
                pod = None
        if not spec.internet:
            log(NO_INTERNET if self.options.enforces_policies else INTERNET_NOT_REFUSED)
        self._make_parts(spec)
        if pod is None:
            self._make_pod(spec)
        self._bring_files(spec, log, is_new=is_new)
        remember_deadline(names.base, spec.ends_at)
        log("Started the workspace's Pod.")

    def _check_claim(self, *, is_new: bool) -> None:
        claim = self.api.read(Kind.CLAIM, self.names.base)
        if claim is None:
            if not is_new:
                raise WorkspaceGoneError("start", "The workspace is gone.")
            return
        self.names.check_ownership(claim, "start")
        if states.is_terminating(claim):
            raise ProvisionError("start", "The workspace's disk is being removed right now.")

    def _keep_deadline(self, pod: Any, spec: WorkspaceSpec) -> None:
        wanted = str(int(stop_time(spec.ends_at).timestamp()))
        if pod["metadata"]["annotations"].get(ENDS_AT_ANNOTATION) != wanted:
            write_deadline(self.api, self.names, spec.ends_at)

    def _make_parts(self, spec: WorkspaceSpec) -> None:
        """Make all but the Pod. The claim is first, and removed last: by it the rest is found."""
        options, names = self.options, self.names
        internet = options.internet and spec.internet
        self._ensure(Kind.CLAIM, manifests.claim(options, names), is_fixed=True)
        self._ensure(Kind.POLICY, manifests.network_policy(options, names, internet=internet))
        self._ensure(Kind.SECRET, manifests.secret(names, spec))
        self._ensure(Kind.SERVICE, manifests.service(names))
        if options.gateway is not None:
            self._ensure(Kind.ROUTE, manifests.http_route(options, names, options.gateway))
        else:
            self._ensure(Kind.INGRESS, manifests.ingress(options, names))

    def _ensure(self, kind: Kind, body: Any, *, is_fixed: bool = False) -> None:
        """Create the resource, or have the existing one be as it should, unless it `is_fixed`."""
        for attempt in range(MAX_PATCH_ATTEMPTS):
            if create_unless_exists(self.api, kind, body) or is_fixed:
                return
            try:
                self.api.patch(kind, body["metadata"]["name"], body)
                return
            except ApiError as error:
                # Removed meanwhile, or changed by somebody else.
                is_last = attempt == MAX_PATCH_ATTEMPTS - 1
                if is_last or not (error.is_missing or error.is_conflict):
                    raise

    def _make_pod(self, spec: WorkspaceSpec) -> None:
        salt = secrets.token_hex(8)
        node = self._give_up_place()
        pod = pods.workspace_pod(
            self.options,
            self.names,
            spec,
            stops_at=stop_time(spec.ends_at),
            password_check=f"{salt}:{password_hash(spec.password, salt)}",
            preferred_node=node,
        )
        # Perhaps another worker was sooner.
        create_unless_exists(self.api, Kind.POD, pod)

    def _give_up_place(self) -> str:
        """Remove the place of a new workspace; return the name of its machine, or ""."""
        place = self.api.read(Kind.POD, self.names.place)
        if place is None:
            return ""
        waiting.remove_pod(self.api, self.names, self.names.place, "start")
        return states.node_of(place)

    def _bring_files(self, spec: WorkspaceSpec, log: Log, *, is_new: bool) -> None:
        """Wait until the Pod has its files; put them there, if it waits for that."""
        api, name = self.api, self.names.base
        waits = waiting.await_container(api, self.options, name, pods.PREPARE, "start")
        if not waits:
            return
        if not is_new:
            # A time that is over says nothing of the files; an export looks at them.
            if not self._is_prepared():
                waiting.remove_pod(api, self.names, name, "start")
                raise ProvisionError("start", NOT_PREPARED)
            return
        try:
            with files.packed_files(spec, log) as archive:
                files.put_files(api, name, archive)
        except (ApiError, ExecFailedError) as error:
            # The container ends with the last file, whoever brought it.
            if not self._is_prepared():
                raise ProvisionError(
                    "start", f"The files couldn't be put into the workspace: {_text_of(error)}."
                ) from error

    def _is_prepared(self) -> bool:
        def is_over() -> bool:
            pod = self.api.read(Kind.POD, self.names.base)
            ended = states.container_state(pod, pods.PREPARE).get("terminated") if pod else None
            return ended is not None and ended.get("exitCode") == 0

        return waiting.await_condition(is_over, PREPARED_SECONDS)


def create_unless_exists(api: Api, kind: Kind, body: Any) -> bool:
    """Create the resource; return False if there is one of its name.

    Raises:
        ApiError: if the cluster refuses it, or has conflicts again and again.
    """
    for attempt in range(MAX_PATCH_ATTEMPTS):
        try:
            api.create(kind, body)
        except ApiError as error:
            if error.is_taken:
                return False
            if not error.is_conflict or attempt == MAX_PATCH_ATTEMPTS - 1:
                raise
        else:
            return True
    raise AssertionError("unreachable")


def hold_place(
    api: Api,
    options: KubernetesOptions,
    names: Names,
    cpus: float | None,
    memory_mb: int | None,
) -> None:
    """Have the cluster reserve what a new workspace needs on one of its machines.

    Raises:
        NoRoomError: if no machine has room. Then nothing is kept.
    """
    if api.read(Kind.POD, names.base) is not None:
        # An earlier start has made it.
        return
    create_unless_exists(api, Kind.POD, pods.place_pod(options, names, cpus, memory_mb))
    try:
        waiting.await_schedule(api, names.place, "start")
    except NoRoomError:
        api.delete(Kind.POD, names.place)
        raise


def _has_password(pod: Any, password: str) -> bool:
    """Return whether the workspace was started with that password."""
    check = str(pod["metadata"]["annotations"].get(PASSWORD_ANNOTATION, ""))
    salt, _, digest = check.partition(":")
    return hmac.compare_digest(password_hash(password, salt), digest)


def _is_unresponsive(pod: Any) -> bool:
    """Return whether an editor past its STARTUP_TIME is silent for SILENCE_TIME."""
    running = states.container_state(pod, pods.EDITOR).get("running")
    ready = states.condition(pod, "Ready")
    if running is None or ready.get("status") != "False":
        return False
    now = datetime.now(UTC)
    since = ready.get("lastTransitionTime") or running["startedAt"]
    is_started = now - parse_time(running["startedAt"]) > STARTUP_TIME
    return is_started and now - parse_time(since) > SILENCE_TIME


def _reason_for_restart(pod: Any, *, is_hung: bool) -> str:
    if is_hung:
        return "The workspace's editor had hung."
    if states.is_over(pod):
        return f"The workspace had stopped ({states.why_over(pod)})."
    if states.is_terminating(pod):
        return "The workspace's Pod was being removed from the cluster."
    return "The workspace had another password."


def _text_of(error: Exception) -> str:
    text = error.message if isinstance(error, ApiError) else str(error)
    return text.rstrip(".")
