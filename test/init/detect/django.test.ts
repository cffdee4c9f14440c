import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtUp } from "../project-of.ts";

const site = (settings: string, urls = "urlpatterns = [path('', home)]\n", extra = {}) => ({
  "manage.py": "",
  "site/__init__.py": "",
  "site/wsgi.py": [
    "import os",
    "from django.core.wsgi import get_wsgi_application",
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')",
    "application = get_wsgi_application()\n",
  ].join("\n"),
  "site/settings.py": `ALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'site.urls'\n${settings}\n`,
  "site/urls.py": urls,
  ...extra,
});

for (const [setting, told] of [
  ["SECURE_SSL_REDIRECT = True", /site\/settings\.py is on: .*301\. Turn it off/],
  ['SECURE_SSL_REDIRECT = env.bool("SSL", default=True)', /Set it by app\.env, SSL to False/],
  ['SECURE_SSL_REDIRECT = os.environ.get("SSL", "True") == "True"', /Set it by app\.env, SSL/],
  ["SECURE_SSL_REDIRECT = False", undefined],
  ["SECURE_SSL_REDIRECT = not DEBUG", undefined],
  ['SECURE_SSL_REDIRECT = env.bool("SSL", default=False)', undefined],
  ['SECURE_SSL_REDIRECT = True\nSECURE_REDIRECT_EXEMPT = [r"^up$"]', undefined],
] as const) {
  test(`Django's health checks get 301 by ${setting}: ${told ? "told" : "not said"}`, async (t) => {
    const { notes } = await broughtUp(t, site(setting));
    const about = notes.filter((note) => note.includes("SECURE_SSL_REDIRECT"));
    assert.equal(about.length, told ? 1 : 0);
    if (told) assert.match(about.join(), told);
  });
}

for (const [what, urls, healthPath, told] of [
  ["/ answers", "path('', home), path('health/', up)", undefined, undefined],
  ["/ redirects", "path('', RedirectView.as_view(url='/a')), path('health/', up)", "/health/", /\/ redirects/],
  ["/ redirects by a view", "path('', views.home), path('up', up)", "/up", /\/ redirects/],
  ["/ redirects, alone", "path('', RedirectView.as_view(url='/a'))", undefined, /\/ redirects/],
  ["another URLconf has /", "path('', include('shop.urls')), path('health/', up)", "/health/", undefined],
  ["another URLconf has /, alone", "path('', include('shop.urls')), path('admin/', x)", undefined, undefined],
  ["there is no /", "path('admin/', admin.site.urls)", "/admin/login/", /no route for \//],
] as const) {
  test(`Django's health check: ${what}`, async (t) => {
    const views = { "site/views.py": "def home(request):\n    return redirect('a')\n" };
    const found = await broughtUp(t, site("", `from . import views\nurlpatterns = [${urls}]\n`, views));
    assert.equal(found.healthPath, healthPath);
    const about = found.notes.filter((note) => /redirects|no route/.test(note));
    assert.equal(about.length, told ? 1 : 0, about.join());
    if (told) assert.match(about.join(), told);
  });
}

test("settings are found beside manage.py, also where an __init__.py lies there", async (t) => {
  const files = Object.entries(site("")).map(([name, text]) => [`app/${name}`, text]);
  const { notes } = await broughtUp(t, { ...Object.fromEntries(files), "app/__init__.py": "" });
  assert.doesNotMatch(notes.join(), /ALLOWED_HOSTS/);
});
