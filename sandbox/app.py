"""The HTTP application: every wire layer over one sandbox."""

from pathlib import Path

from starlette.applications import Starlette

from sandbox.clock import WorldClock
from sandbox.state import Sandbox
from sandbox.wire.control import ControlApi
from sandbox.wire.fx import FxApi
from sandbox.wire.google import GoogleApi
from sandbox.wire.instagram import InstagramApi
from sandbox.wire.linkedin import LinkedInApi
from sandbox.wire.meta import MetaApi
from sandbox.wire.slack import SlackApi
from sandbox.wire.tiktok import TikTokApi
from sandbox.world.world import Source


def build_app(source: Source, clock: WorldClock, state_dir: Path, *, lenient: bool = False) -> Starlette:
    """State that must survive a restart lives in ``state_dir``."""
    sandbox = Sandbox(source, clock, state_dir, lenient=lenient)
    layers = (
        ControlApi(sandbox),
        MetaApi(sandbox),
        GoogleApi(sandbox),
        TikTokApi(sandbox),
        LinkedInApi(sandbox),
        InstagramApi(sandbox),
        FxApi(sandbox),
        SlackApi(sandbox),
    )
    return Starlette(routes=[route for layer in layers for route in layer.routes()])
