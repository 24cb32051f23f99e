"""From the event of an object to what it means: a feedback file is stored, a failed batch of records is recovered."""

from dataclasses import dataclass

from mlops.errors.data import EventInvalid
from mlops.events import ObjectCreated
from mlops.ingestion.feedback_file import FeedbackFiles
from mlops.ingestion.log import IngestionLog
from mlops.records.recover import FAILED, recover_object


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Takes in what was put into two buckets, by their names."""

    files: FeedbackFiles
    log: IngestionLog
    data_bucket: str
    records_bucket: str

    def take(self, created: ObjectCreated) -> None:
        """Store a feedback file, or recover records. Repeating changes nothing.

        Raises what a retry may cure, EventInvalid for an object that is neither, and ObjectDamaged for failed records
        that can't be read: they stay where they are, and their message in the dead-letter queue says so.
        """
        if created.bucket == self.data_bucket:
            self.log.stored(self.files.take(created))
        elif created.bucket == self.records_bucket and created.key.startswith(FAILED):
            self.log.recovered(created.key, recover_object(self.files.records, created.key))
        else:
            raise EventInvalid(f"s3://{created.bucket}/{created.key} is neither a feedback file nor failed records")
