"""How a rejected file becomes visible: as the attempt that surely holds the job's lease, and over no newer one."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.delivery.job_lease import JobLease
from shared.delivery.passes import Passes
from shared.delivery.ports import ABSENT
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile
from shared.errors import ConditionError


@dataclass(frozen=True, slots=True)
class RejectedCommits:
    """Changes the rejected file of one version of one export; every change raises `LeaseLostError` if the lease is lost.

    Attributes:
        passes: know where it is.
        lease: of the job.
    """

    passes: Passes
    lease: JobLease

    def commit(self, rejected_file: RejectedFile, *, export_rejected: bool = False) -> None:
        """Make a staged file visible, if anything is in it.

        Args:
            rejected_file: that pass 1 has filled.
            export_rejected: whether the export is rejected whole, so that the first of its records are enough.
        """
        if rejected_file.records:
            self._fenced(lambda: rejected_file.commit(export_rejected=export_rejected))

    def commit_or_forget(self, rejected_file: RejectedFile) -> None:
        """Make a staged file visible; if nothing is in it, the one of an earlier attempt goes."""
        self.commit(rejected_file)
        if not rejected_file.records:
            self.forget()

    def forget(self) -> None:
        """The file of an earlier attempt goes, if there is one."""
        stale = self.passes.earlier_rejected_version()
        if stale is not ABSENT:
            self._fenced(lambda: self.passes.forget_rejected(stale))

    def commit_refused(self, refused: dict[int, int], accepted: RecordBits) -> bool:
        """Write the file anew, with the records that the connector refused; whether there was no room for all of them.

        Args:
            refused: the connector's HTTP status by input record number.
            accepted: records that were accepted under other rules.
        """
        before = self.passes.rejected_version()
        return self._fenced(lambda: self.passes.write_refused(refused, accepted, before))

    def _fenced[T](self, change: Callable[[], T]) -> T:
        """Change the file as it was seen before this renewal; lost, if another worker has changed it since."""
        self.lease.renew()
        try:
            return change()
        except ConditionError:
            raise self.lease.lost("another worker has written the rejected file") from None
