"""Delivers once and is killed: ``before`` anything is sent, or ``after`` all of it is.

Arguments: the point, and the time that it is (ISO 8601). The home is that of the environment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import datetime

from perisai import settings
from perisai.desk.site import configure_site


class Killed:
    """A channel in which the process is killed when every receiver has come to the point."""

    def __init__(self, real, point: str, together: threading.Barrier) -> None:
        self.real, self.point, self.together = real, point, together

    def send(self, message, content) -> bool:
        if self.point == "after":
            self.real.send(message, content)
        self.together.wait(30)
        os.kill(os.getpid(), signal.SIGKILL)
        return False


def main(point: str, now: str) -> None:
    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.desk.opening import open_house
    from perisai.desk.outbox.channels import open_channels
    from perisai.desk.outbox.delivering import Deliverer

    house = open_house(chosen).at(lambda: datetime.fromisoformat(now))
    real, together = open_channels(chosen, house.clock), threading.Barrier(2)
    channels = {name: Killed(each, point, together) for name, each in real.items()}
    Deliverer(chosen, house, channels, lambda: 0.5).once()
    raise AssertionError("it was to be killed")


if __name__ == "__main__":
    main(*sys.argv[1:])
