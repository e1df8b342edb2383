#!/usr/bin/python3
"""browse: a headless Chromium, told what to do line by line on stdin; ends with status 1 where something was not so.

    load URL            opens it in the tab
    until EXPRESSION    waits for JavaScript's EXPRESSION to be true
    is EXPRESSION       fails if it is not true
    say EXPRESSION      prints its value, as JSON
    click SELECTOR      the mouse, in the middle of the first such element
    hover SELECTOR      likewise, without a click
    drag SELECTOR A B   from the share A of its width to B
    key NAME            a key: Enter, ArrowDown, a ...
    type WORDS          each letter of them
    size WIDTH HEIGHT   of the window
    prefer NAME=VALUE   a media feature: prefers-color-scheme=dark
    shot FILE           the window as PNG

At the end it fails, and says each, for every error on the console, every exception, and every request but those of pages that
were loaded and data: URLs; a line `allow PREFIX` says what else may be asked for. `--ignore STATUS` takes no notice of what the
console says of answers with that status.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BROWSERS = ("chromium-headless-shell", "chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe")
KEYS = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}


LONGEST = 100  # seconds that are waited for a thing


class Browser:
    """One tab; the protocol's messages go through a pair of pipes, each ended by a NUL."""

    def __init__(self, folder):
        program = next((found for found in map(shutil.which, BROWSERS) if found), None)
        if not program:
            sys.exit(f"browse: none of {', '.join(BROWSERS)} is installed")
        to_browser, self.to = os.pipe()
        self.back, from_browser = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec 3<&"$1" 4>&"$2" && shift 2 && exec "$@"', "browser", str(to_browser), str(from_browser), program,
             *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.bytes, self.session = 0, b"", None
        self.complaints, self.loaded = [], ["data:"]
        self.attach()

    def attach(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"browse: {method}: {answer['error']['message']}")
                return answer["result"]
            self.notice(answer)

    def read(self):
        while b"\0" not in self.bytes:
            more = os.read(self.back, 1 << 20)
            if not more:
                sys.exit("browse: the browser has ended")
            self.bytes += more
        message, _, self.bytes = self.bytes.partition(b"\0")
        return json.loads(message)

    def notice(self, event):
        kind, of = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            details = of["exceptionDetails"]
            self.complaints.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif kind == "Runtime.consoleAPICalled" and of["type"] in ("error", "warning", "assert"):
            self.complaints.append(f"console: {[word.get('value') for word in of['args']]}")
        elif kind == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning") and not self.is_ignored(of["entry"]["text"]):
            self.complaints.append(f"log: {of['entry']['text']} {of['entry'].get('url', '')}")
        elif kind == "Network.requestWillBeSent" and not of["request"]["url"].startswith(tuple(self.loaded)):
            self.complaints.append(f"request: {of['request']['url']}")

    @staticmethod
    def is_ignored(words):
        return len(sys.argv) == 3 and sys.argv[1] == "--ignore" and f"status of {sys.argv[2]} " in words

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            sys.exit(f"browse: {expression}: {details.get('exception', {}).get('description', details['text'])}")
        return answer["result"].get("value")

    def is_true(self, expression):
        return self.value(f"Promise.resolve({expression}).then((value) => !!value)")

    def box(self, selector):
        words = json.dumps(selector)
        box = self.value(f"(() => {{ const found = document.querySelector({words}); if (!found) return null; "
                         "found.scrollIntoView({block: 'nearest'}); const box = found.getBoundingClientRect(); "
                         "return [box.x, box.y, box.width, box.height]; })()")
        return box or sys.exit(f"browse: {selector}: there is none")

    def mouse(self, kind, x, y, **more):
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def end(self):
        self.session = None
        self.ask("Browser.close")
        self.process.wait()


def do_load(browser, url):
    browser.loaded.append(url.split("#")[0])
    browser.ask("Page.navigate", url=url)
    do_until(browser, "document.readyState === 'complete'")


def do_until(browser, expression):
    since = time.monotonic()
    while not browser.is_true(expression):
        if browser.complaints:
            sys.exit(f"browse: waiting for {expression}: {browser.complaints[0]}")
        if time.monotonic() > since + LONGEST:
            sys.exit(f"browse: not so within {LONGEST} s: {expression}")
        time.sleep(0.02)


def do_is(browser, expression):
    if not browser.is_true(expression):
        sys.exit(f"browse: not so: {expression}")


def do_say(browser, expression):
    print(json.dumps(browser.value(expression), ensure_ascii=False), flush=True)


def do_allow(browser, prefix):
    browser.loaded.append(prefix)


def do_click(browser, selector):
    x, y, width, height = browser.box(selector)
    for kind in ("mousePressed", "mouseReleased"):
        browser.mouse(kind, x + width / 2, y + height / 2, button="left", clickCount=1)


def do_hover(browser, selector):
    x, y, width, height = browser.box(selector)
    browser.mouse("mouseMoved", x + width / 2, y + height / 2)


def do_drag(browser, words):
    selector, begin, end = words.rsplit(" ", 2)
    x, y, width, height = browser.box(selector)
    browser.mouse("mouseMoved", x + width * float(begin), y + height / 2)
    browser.mouse("mousePressed", x + width * float(begin), y + height / 2, button="left", buttons=1, clickCount=1)
    browser.mouse("mouseMoved", x + width * float(end), y + height / 2, button="left", buttons=1)
    browser.mouse("mouseReleased", x + width * float(end), y + height / 2, button="left", clickCount=1)


def do_key(browser, name):
    text = {"text": "\r" if name == "Enter" else name} if name == "Enter" or len(name) == 1 else {}
    code = KEYS.get(name, ord(name[0].upper()))
    browser.ask("Input.dispatchKeyEvent", type="keyDown", key=name, windowsVirtualKeyCode=code, **text)
    browser.ask("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)


def do_type(browser, words):
    browser.ask("Input.insertText", text=words)


def do_size(browser, words):
    width, height = map(int, words.split())
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)


def do_prefer(browser, words):
    name, _, value = words.partition("=")
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": name, "value": value}])


def do_shot(browser, path):
    picture = browser.ask("Page.captureScreenshot", format="png")["data"]
    with open(path, "wb") as file:
        file.write(base64.b64decode(picture))


def main():
    acts = {name[3:]: act for name, act in globals().items() if name.startswith("do_")}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            for line in sys.stdin:
                act, _, words = line.strip().partition(" ")
                if act and act not in acts:
                    sys.exit(f"browse: {act}: no such act")
                if act:
                    acts[act](browser, words)
            browser.value("0")  # what has happened by now is noticed
            browser.end()
        finally:
            browser.process.kill()
            browser.process.wait()
    for complaint in browser.complaints:
        print(f"browse: {complaint}", file=sys.stderr)
    sys.exit(1 if browser.complaints else 0)


if __name__ == "__main__":
    main()
