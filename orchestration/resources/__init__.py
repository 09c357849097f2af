"""What assets need from outside: settings, clock, warehouse, and the right to publish."""

from orchestration.resources.platform import PlatformResource
from orchestration.resources.publishing import PublishingResource

__all__ = ["PlatformResource", "PublishingResource"]
