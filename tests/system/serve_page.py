#!/usr/bin/python3
"""serve_page: stands in for a server of the web page, of what is tracked here: serve_page.py RATION PAGE [TOKEN]

Prints the port that it has taken on 127.0.0.1. The answers are what `report --html` puts into a page; of /timeline with `since`
only what came later.
"""
import http.server
import json
import re
import subprocess
import sys
import urllib.parse

RATION, PAGE, TOKEN = (*sys.argv[1:], None)[:3]


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        place = urllib.parse.urlsplit(self.path)
        if place.path == "/":
            return self.send(200, "text/html; charset=utf-8", open(PAGE, "rb").read())
        if TOKEN and self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.send(401, "application/json", b'{"error": "a token is wanted"}')
        found = re.fullmatch(r"/api/v1/processes(?:/(\d+)(/timeline|/sites)?)?", place.path)
        data = found and (report(found[1]) if found[1] else listed())
        if not data:
            return self.send(404, "application/json", b'{"error": "not there"}')
        since = urllib.parse.parse_qs(place.query).get("since")
        if since:
            later = float(since[0])
            process = data["processes"][0]
            process["timeline"] = [point for point in process["timeline"] if point["seconds"] > later]
            process["events"] = [event for event in process["events"] if event["at_seconds"] > later]
        return self.send(200, "application/json", json.dumps(data).encode())

    def send(self, status, kind, words):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *words):
        pass


def report(pid):
    page = subprocess.run([RATION, "report", "--html", "/dev/stdout", pid], capture_output=True, text=True, check=False).stdout
    data = re.search(r'id="data">(.*?)</script>', page, re.S)
    return data and json.loads(data[1])


def listed():
    words = subprocess.run([RATION, "list", "--json"], capture_output=True, text=True, check=False).stdout
    return json.loads(words) if words else {"processes": []}


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
