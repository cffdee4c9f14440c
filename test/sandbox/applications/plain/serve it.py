"""A server without any framework, started by a command."""

import argparse
import http.server

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
port = parser.parse_args().port


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"plain on {port}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler).serve_forever()
