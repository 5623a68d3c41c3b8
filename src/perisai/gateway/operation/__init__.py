"""What an operator sees of a running gateway: numbers, health, and logs that name nobody."""

from perisai.gateway.operation.health import Health
from perisai.gateway.operation.logs import configure, log
from perisai.gateway.operation.metrics import Metrics, Timed

__all__ = ["Health", "Metrics", "Timed", "configure", "log"]
