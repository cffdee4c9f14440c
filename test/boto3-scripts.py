"""Runs scripts that call AWS by boto3, side by side in one process: to load boto3 takes longer than most of them.

A line of stdin is a JSON document with the `id`, the `script`, its `arguments`, and the `settings` of the AWS it is for.
A script has `arguments`, the clients that `client(service)` gives, and gives its result to `answer`. A line of stdout
has the `id` of a script, and its `answer` or its `error`.
"""

import json
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import boto3

clients = {}
making, writing = threading.Lock(), threading.Lock()


def client_of(settings, service):
    key = (service, *sorted(settings.items()))
    with making:
        if key not in clients:
            clients[key] = boto3.client(service, **settings)
        return clients[key]


def run(request):
    given = []
    names = {
        "arguments": request["arguments"],
        "client": lambda service: client_of(request["settings"], service),
        "answer": given.append,
    }
    try:
        exec(request["script"], names)
        [answer] = given
        return {"answer": answer}
    except Exception:
        return {"error": traceback.format_exc()}


def serve(line):
    request = json.loads(line)
    text = json.dumps({"id": request["id"], **run(request)}, default=str)
    with writing:
        print(text, flush=True)


with ThreadPoolExecutor(16) as pool:
    for line in sys.stdin:
        pool.submit(serve, line)
