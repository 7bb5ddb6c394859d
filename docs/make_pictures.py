"""Takes the screenshots in `docs/pictures/`, of pages with the sample and invented articles: `./run pictures`."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from docs.invented_news import articles
from search_ui.command.cli import cli
from search_ui.web import create_app

PICTURES = Path(__file__).parent / "pictures"
SEEDS = Path(__file__).parent.parent / "seeds"
# Name → page, language, theme, width and height in CSS pixels.
SHOWN = {
    "home": ("/", "ar", "light", 1180, 860),
    "search": ("/search?q=مفاوضات", "ar", "light", 1180, 860),
    "article": ("/article/wire-002?q=سفينة", "ar", "light", 1180, 860),
    "compare": ("/compare?q=زلزال&q=حريق&q=اتفاق", "en", "light", 1180, 1040),
    "phone": ("/search?q=محادثات استانه", "ar", "dark", 390, 780),
}


def main() -> None:
    """Take every screenshot."""
    with TemporaryDirectory() as directory:
        archive = f"{directory}/archive"
        cli.main(["init", "--name", "أرشيف الصحافة", archive], standalone_mode=False)
        Path(directory, "invented.jsonl").write_text("\n".join(articles()), encoding="utf-8")
        added = [f"{SEEDS}/pages", f"{SEEDS}/wire.jsonl", f"{directory}/invented.jsonl"]
        cli.main(["--archive", archive, "add", *added], standalone_mode=False)
        server = make_server("127.0.0.1", 0, create_app({"ARCHIVE": archive}), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium(driver), args=["--no-sandbox", "--disable-gpu"])
            for name, (path, language, theme, width, height) in SHOWN.items():
                page = browser.new_page(
                    base_url=f"http://127.0.0.1:{server.server_port}",
                    locale=language,
                    color_scheme=theme,
                    viewport={"width": width, "height": height},
                )
                page.goto(path)
                page.reload()  # the first request of a server is slow, and the page shows how long a search took
                page.evaluate("document.fonts.ready")
                page.screenshot(path=PICTURES / f"{name}.png")
            browser.close()
        server.shutdown()


def chromium(driver: Any) -> str | None:
    """The system's Chromium, unless Playwright's own is installed."""
    if Path(driver.chromium.executable_path).exists():
        return None
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


if __name__ == "__main__":
    main()
