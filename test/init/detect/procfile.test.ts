import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtUp } from "../project-of.ts";

for (const [web, command] of [
  ["poetry run gunicorn app:app", "gunicorn app:app"],
  ["uv run --no-dev --frozen uvicorn app:app --port $PORT", "uvicorn app:app --port $PORT"],
  ["A=1 pipenv run waitress-serve --port=$PORT app:app", "A=1 waitress-serve --port=$PORT app:app"],
  ["pdm run python -m gunicorn app:app", "python -m gunicorn app:app"],
  ["hatch run gunicorn app:app", "gunicorn app:app"],
  ["uv run -- serve.py --port $PORT", "python3 serve.py --port $PORT"],
  ["./serve && echo poetry runs", "./serve && echo poetry runs"],
] as const) {
  test(`of a Procfile's \`${web}\` the server is left`, async (t) => {
    const { app, notes } = await broughtUp(t, { Procfile: `web: ${web}\n` });
    assert.equal(app.command, command);
    assert.doesNotMatch(notes.join(), /The machines have no|does not name \$PORT/);
  });
}

test("a developer's tool that cannot be taken away is told of", async (t) => {
  const { app, notes } = await broughtUp(t, { Procfile: "web: uv run --with x uvicorn app:app --port $PORT\n" });
  assert.equal(app.command, "uv run --with x uvicorn app:app --port $PORT");
  assert.match(notes.join(), /The machines have no uv:/);
});

const source = { "main.py": "from fastapi import FastAPI\napp = FastAPI()\n" };
for (const [web, listens] of [
  ["uvicorn main:app --host=0.0.0.0", false],
  ["python -m uvicorn main:app --port 8000", false],
  ["flask run", false],
  ["python manage.py runserver", false],
  ["gunicorn --bind 0.0.0.0:8000 main:app", false],
  ["python own.py", false],
  ["gunicorn main:app", true],
  ["gunicorn -k uvicorn.workers.UvicornWorker main:app", true],
  ["UVICORN_PORT=$PORT uvicorn main:app", true],
  ["python reads.py", true],
  ["./start.sh", true],
] as const) {
  test(`a Procfile's \`${web}\` ${listens ? "is taken" : "listens elsewhere"}`, async (t) => {
    const files = { Procfile: `web: ${web}\n`, "own.py": "run(port=8000)\n", "reads.py": "run(os.environ['PORT'])\n" };
    const found = await broughtUp(t, { ...files, ...source });
    const served = "python3 -m uvicorn main:app --host 0.0.0.0 --port $PORT";
    assert.equal(found.app.command, listens ? web : served);
    const alone = await broughtUp(t, files);
    assert.equal(alone.app.command, web);
    assert.equal(/does not name \$PORT/.test(alone.notes.join()), !listens);
  });
}

test("a command that begins in a folder has the requirements from there", async (t) => {
  const files = { Procfile: "web: cd backend && gunicorn app:app\n", "backend/app.py": "" };
  const own = await broughtUp(t, { ...files, "backend/requirements.txt": "gunicorn\n" });
  assert.deepEqual(own.app, { path: "backend", command: "gunicorn app:app", requirements: "requirements.txt" });
  const shared = await broughtUp(t, { ...files, "requirements.txt": "gunicorn\n" });
  assert.deepEqual(shared.app, {
    ...{ path: ".", command: "cd backend && gunicorn app:app", requirements: "requirements.txt" },
  });
});
