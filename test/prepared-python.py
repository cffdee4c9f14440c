"""Has moto and boto3 loaded and forks for whoever connects: to load them takes longer than most tests do.

Listens on the Unix socket that its first argument names, until stdin ends. The first line of a connection is a JSON
document that says what the fork is to be. With `moto` it is the moto_server of those arguments and that `env`, and answers
`no` where its environment is another than that of the first. Without, it is `boto3-scripts.py` on the connection. A fork
ends with its connection.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading

scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boto3-scripts.py")
# Each test has its own.
images = "MOTO_AMIS_PATH"
prepared = {}


def settings_of(env):
    return {name: value for name, value in env.items() if name.startswith("MOTO_") and name != images}


def prepare_moto(env):
    """Loads moto and what it loads at the first request for a service."""
    os.environ.update(env)
    exec_customization(env)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.test import Client

    application = DomainDispatcherApplication(create_backend_app)
    client = Client(application)
    for service, action, version in (
        ("ec2", "DescribeSecurityGroups", "2016-11-15"),
        ("elasticloadbalancing", "DescribeLoadBalancers", "2015-12-01"),
        ("autoscaling", "DescribeAutoScalingGroups", "2011-01-01"),
        ("sts", "GetCallerIdentity", "2011-06-15"),
    ):
        credential = f"Credential=a/20250101/ap-southeast-2/{service}/aws4_request"
        headers = {
            "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=none",
            "content-type": "application/x-www-form-urlencoded",
        }
        client.post("/", data=f"Action={action}&Version={version}", headers=headers)
    client.post("/moto-api/reset")
    prepared.update(settings=settings_of(env), application=application)


def exec_customization(env):
    with open(os.path.join(env["PYTHONPATH"], "sitecustomize.py"), encoding="utf-8") as file:
        exec(file.read(), {})


def become_moto(connection, arguments, env):
    import random

    from moto.ec2.models import amis
    from moto.moto_api._internal import mock_random
    from werkzeug.serving import run_simple

    os.environ.update(env)
    with open(env[images], encoding="utf-8") as file:
        amis.AMIS = json.load(file)
    # Or all forks would give the same ids.
    random.seed()
    mock_random.seed()
    watch_end(connection)
    # What it does not know it tells with a trace, which a sandbox keeps in its log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    options = dict(zip(arguments[::2], arguments[1::2]))
    run_simple(options["-H"], int(options["-p"]), prepared["application"], threaded=True)


def watch_end(connection):
    def wait():
        connection.recv(1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def prepare_boto3():
    import boto3

    given = {
        "endpoint_url": "http://127.0.0.1:1",
        "region_name": "ap-southeast-2",
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
    }
    for service in ("ec2", "elbv2", "autoscaling"):
        boto3.client(service, **given)


def become_scripts(lines, connection):
    sys.stdin = lines
    sys.stdout = connection.makefile("w", encoding="utf-8")
    with open(scripts, encoding="utf-8") as file:
        exec(compile(file.read(), scripts, "exec"), {"__name__": "__main__"})


def fork(connection, listener, become):
    if os.fork() != 0:
        connection.close()
        return
    listener.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        become()
    finally:
        sys.stdout.flush()
        os._exit(0)


def serve(connection, listener):
    lines = connection.makefile("r", encoding="utf-8")
    wanted = json.loads(lines.readline())
    if "moto" not in wanted:
        fork(connection, listener, lambda: become_scripts(lines, connection))
        return
    env = wanted["env"]
    if not prepared:
        prepare_moto(env)
        gc.collect()
        gc.freeze()
    alike = prepared["settings"] == settings_of(env)
    connection.sendall(b"yes\n" if alike else b"no\n")
    if alike:
        fork(connection, listener, lambda: become_moto(connection, wanted["moto"], env))


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    prepare_boto3()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            try:
                serve(connection, listener)
            except Exception as error:
                print(f"prepared-python.py: {error!r}", file=sys.stderr, flush=True)
                connection.close()


main()
