"""Edit Studio: edit pictures with words, in the browser. Run it with `python app.py`."""

import os
import sys
from pathlib import Path

from edit_core.offline.app import create_app
from edit_core.offline.workshop import Workshop
from edit_studio.ending import Ending
from edit_studio.page import build, launch, uploads
from edit_studio.ports import NoFreePort
from edit_studio.settings import FIRST_PORT, BadSettings, Settings
from edit_studio.studio import CannotOpen, open_studio


def main() -> None:
    """Read the settings, open what is kept, serve the page until Ctrl+C, then let what runs come to its end."""
    try:
        settings = Settings.read(dotenv_path=Path(__file__).with_name(".env"))
        studio = open_studio(settings, create_app(Workshop()), uploads(settings))
        page = build(studio)
        address = launch(page, studio)
    except (BadSettings, NoFreePort, CannotOpen) as error:
        sys.exit(str(error))
    wanted = settings.port or FIRST_PORT
    taken = "" if f":{wanted}/" in address else f" (port {wanted} is taken)"
    ending = Ending()
    print(f"Edit Studio is at {address}{taken}. Ctrl+C ends it.", flush=True)
    ending.wait()
    seconds = settings.keeping.drain_seconds
    print(f"Ending: edits that are under way have {seconds:.0f} s. Ctrl+C again ends at once.", flush=True)
    studio.end()
    # Pages that are open hold the server's connections; nobody waits for them.
    os._exit(0)


if __name__ == "__main__":
    main()
