"""What the collector can have to say about a source, and how a person reads it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """Alphabetised. A kind is a loss, a condition, or the first start."""

    COLLECTING = "collecting", _("The source is being read without hindrance.")
    COLLECTING_FAILED = "collecting-failed", _("Collecting failed for a reason that nobody foresaw; it is tried again.")
    EPOCH_BEGAN = "epoch-began", _("Numbering began anew: the collector's place in this source was not known any more.")
    FEED_PASSED = (
        "feed-passed",
        _("The stream was nearly full: lines that detection has seen pass the event feed by."),
    )
    FILE_MISSING = "file-missing", _("The file is not there.")
    FILE_UNREADABLE = "file-unreadable", _("The file may not or cannot be read.")
    FIRST_START = "first-start", _("The source was read for the first time.")
    HISTORY_PASSED = (
        "history-passed",
        _("The stream was nearly full: lines that detection has seen pass the history by."),
    )
    PLACE_UNWRITABLE = "place-unwritable", _("The collector cannot write down its place on disk.")
    ROTATED_AWAY = "rotated-away", _("A rotated file is gone: what followed the last read line may be lost.")
    ROWS_AHEAD = "rows-ahead", _("Event rows of another database wait: this one has not reached their numbers yet.")
    ROWS_UNREADABLE = "rows-unreadable", _("The database does not answer: event rows wait there.")
    ROWS_UNSETTLED = "rows-unsettled", _("Event rows wait for a transaction of the database that does not end.")
    STREAM_DOWN = "stream-down", _("The durable stream does not answer: lines wait in their source.")
    STREAM_FILLING = "stream-filling", _("The durable stream is filling up: its readers are behind.")
    STREAM_FULL = "stream-full", _("The durable stream is full: lines wait in their source.")
    TRUNCATED = "truncated", _("The file was cut short: what followed the last read line may be lost.")


LOSSES = frozenset({NoticeKind.EPOCH_BEGAN, NoticeKind.ROTATED_AWAY, NoticeKind.TRUNCATED})
"""After these, lines may be missing or come again, and nobody can say how many. Written once for each place."""

CONDITIONS = frozenset(
    {
        NoticeKind.COLLECTING,
        NoticeKind.COLLECTING_FAILED,
        NoticeKind.FEED_PASSED,
        NoticeKind.FILE_MISSING,
        NoticeKind.FILE_UNREADABLE,
        NoticeKind.HISTORY_PASSED,
        NoticeKind.PLACE_UNWRITABLE,
        NoticeKind.ROWS_AHEAD,
        NoticeKind.ROWS_UNREADABLE,
        NoticeKind.ROWS_UNSETTLED,
        NoticeKind.STREAM_DOWN,
        NoticeKind.STREAM_FILLING,
        NoticeKind.STREAM_FULL,
    }
)
"""How a source stands: the newest one holds until the next. Written when it changes."""
