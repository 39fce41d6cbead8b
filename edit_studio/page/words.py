"""Every word on the page, in one place. Nothing here is markup; what goes in between is escaped where it is shown."""

from __future__ import annotations

from ..keeping import DAY

NAME = "Edit Studio"
TAGLINE = "Say what to change. Get the picture back."

OFFLINE_CHIP = "Offline engine — not an AI, no key needed"
CHIP = "{provider} · {model}"
LOG_OUT = "Log out"

PICTURES = "Your pictures"
PICTURES_HINT = "Drop, choose or paste up to {most}. iPhone photos welcome. Location and camera data stay here."
PROMPT = "What should change?"
PROMPT_PLACEHOLDER = "For example: make it black and white with a white border"
FORMAT = "Format"
WIRES = {"native": "Native", "chat": "Chat-compatible"}
PROVIDER = "Provider"
NEEDS_SETUP = "{name} — not set up"
MODEL = "Model"
RATIO = "Shape"
SIZE = "Size"
AUTO_RATIO = "Auto — keep"
AUTO_SIZE = "Auto"
TAKES = "Pictures"
TAKE_COUNTS = {1: "1", 2: "2", 3: "3", 4: "4"}
EDIT = "Edit"
EDIT_FOR = "Edit  {price}"
STOP = "Stop"

BEFORE = "Before"
AFTER = "After"
EMPTY_RESULT = "Your edited picture appears here, beside the one you started from."
EMPTY_RESULT_HINT = "Nothing at hand? Try one of the examples below."
BEFORE_ALT = "Before: input picture {letter}"
AFTER_ALT = "After: the edited picture"
MODEL_SAYS = "In the model's own words"
MODEL_THOUGHT = "How the model went about it"
DOWNLOAD = "Download"
DOWNLOAD_ALL = "Download {number}"
USE_AS_INPUT = "Use as input"
MADE_BY = "{provider} · {model} · {seconds}"

EXAMPLES = "Try one"
EXAMPLES_HINT = "One click, no key, no cost: the offline engine makes a real edit by rules."

OFFLINE_HINT = (
    "Makes real edits by rules on words such as “black and white”, “make it red”, “pencil sketch” or “side by side”, "
    "in English or Chinese. For an AI, put a provider's key into the file .env and start again."
)
OFFLINE_HINT_SHARED = (
    "Makes real edits by rules on words such as “black and white”, “make it red”, “pencil sketch” or “side by side”, "
    "in English or Chinese."
)
SETUP_HINT = "To use {name}, put {names} into the file .env beside app.py, then start again."
AND = " and "

PLACE = "Waiting for a place: you are number {place} in line"
PROGRESS = {
    "queued": "Getting ready",
    "sending": "Waiting for the edited picture",
    "waiting": "Waiting for the edited picture",
    "receiving": "Receiving the edited picture ({megabytes:.1f} MB so far)",
    "saving": "Saving the edited picture",
}
NOT_ALL = "{says}. Not all of them: {why}"
DONE = "Done in {seconds}"
STOPPED = "Stopped after {seconds}. {money}"
STOPPED_FREE = "Nothing was charged."
STOPPED_MAYBE = "It may have been charged, if the service had begun."

NO_COOKIE_TITLE = "Your browser keeps no cookie of this site"
NO_COOKIE = "So nothing could be kept for you: nothing is sent, and nothing is charged."
NO_COOKIE_STEP = "Load the page anew. If this is said again, let this site keep cookies, or leave the frame it is in."
OWN_TAB = "Open Edit Studio in a tab of its own"

GONE = "This edit is no longer kept."
PARTLY = "{came} of {asked} pictures came. {why}"
UNCHANGED = "The picture came back unchanged. Say more plainly what should be different, or try another model."
UNCHANGED_ONE = "Picture {numbers} came back unchanged."
UNCHANGED_MANY = "Pictures {numbers} came back unchanged."

UNSAVED = (
    "This picture could not be saved, as the disk of this app is full. Download it now. The app holds it and saves it "
    "as soon as there is room."
)

HISTORY = "Your edits"
HISTORY_EPHEMERAL = "History is not kept on this Space: a restart removes it. Download what you want to keep."
HISTORY_DAYS = "Kept for {days}, then removed."
HISTORY_STATES = {
    "done": "Done",
    "failed": "No picture",
    "stopped": "Stopped",
    "unknown": "Interrupted, may have been charged",
    "running": "Under way",
}
OLDER = "Show more"
FAVOURITE = "☆ Favourite"
NO_FAVOURITE = "★ Favourite"
DELETE = "Delete"
DELETE_SURE = "Delete for good"
DELETE_KEEP = "Keep it"
DELETED = "The edit and its pictures were deleted."
RECEIPT = "Receipt"
RECEIPT_COPY = "Copy as JSON"
RECEIPT_COPIED = "Copied"
PROMPT_ASKED = "You asked for"
BUDGET_LEFT = "Budget: {left} of {limit} left {period} for {whose}."
BUDGET_PERIODS = {"day": "today", "month": "this month"}
BUDGET_OF = {"everybody": "everybody", "one person": "you"}
PRICE_UNKNOWN = "~{price}"

FAILURE_TITLE = "No picture this time"
SERVICE_SAID = "What the service said"
WAIT_ASKED = "It asks to wait {seconds}."
READY_ONE = "1 picture ready."
READY_MANY = "{count} pictures ready."
LEFT_OUT_ONE = "1 more was left out: {most} are the most."
LEFT_OUT_MANY = "{count} more were left out: {most} are the most."

# Search, export and import of history

SEARCH = "Search your edits"
SEARCH_CLEAR = "Show all edits"
NOTHING_FOUND = "Nothing found."
ANY_OUTCOME = "Any outcome"
ANY_PROVIDER = "Any provider"
ANY_MODEL = "Any model"
ONLY_FAVOURITES = "★ Favourites"
EXPORT = "Download all as ZIP"
EXPORT_FOUND = "Download these as ZIP"
IMPORT = "Import a ZIP"
IMPORTING = "Reading the ZIP file…"
IMPORTED = "{count} edits added"
IMPORTED_NONE = "No edits added"
IMPORTED_ONE = "1 edit added"
IMPORT_KNOWN = "{count} here already"
IMPORT_SKIPPED = "{count} left out, as their pictures are damaged or missing"
IMPORT_LACKING_ONE = "1 damaged or missing picture left out"
IMPORT_LACKING = "{count} damaged or missing pictures left out"
IMPORT_MENDED_ONE = "1 picture added to what was here"
IMPORT_MENDED = "{count} pictures added to what was here"
IMPORT_SAYS = "{parts}."
IMPORT_OLDER_ONE = "Edits are kept for {days}; 1 older one was left out."
IMPORT_OLDER = "Edits are kept for {days}; {count} older ones were left out."
IMPORT_UNWRITABLE = "The history cannot be written just now. Import the file again in a moment: nothing is added twice."

LINEAGE = "How it came about"
LINEAGE_ORIGINAL = "Original"
LINEAGE_EDIT = "Edit {number}"
LINEAGE_PART = "More edits hang together with these than are shown."

ONE_DAY = "1 day"
DAYS = "{days:.3g} days"
UNITS = ("s", "min", "h")
SECONDS = "{seconds:.1f} s"
MINUTES = "{minutes} min {seconds:02.0f} s"
HOURS = "{hours} h {minutes:02.0f} min"


def days(seconds: float) -> str:
    """A long time as people say it: 7 days, 1 day, 0.5 days."""
    return ONE_DAY if seconds == DAY else DAYS.format(days=seconds / DAY)


def duration(seconds: float) -> str:
    """A time as people say it: 3.2 s, 2 min 05 s, 1 h 04 min."""
    if seconds < 59.95:
        return SECONDS.format(seconds=seconds)
    whole = round(seconds)
    if whole >= 3600:
        return HOURS.format(hours=whole // 3600, minutes=whole % 3600 // 60)
    return MINUTES.format(minutes=whole // 60, seconds=whole % 60)
