#include "tests/scan_world.h"
#include "tests/test.h"

/* What that finder finds in a file, a line each: "what:line". */
static const char *found(const char *finder, const char *path, const char *text)
{
	static char all[2000];
	struct scan_world w;
	size_t size = 0;
	all[0] = '\0';
	scan_world_open(&w);
	scan_world_look(&w, finder, path, view_text(text));
	findings_sort(w.findings);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);
		size += (size_t)snprintf(all + size, sizeof(all) - size, VIEW_FMT ":%d\n",
		                         VIEW_ARG(f->what), (int)f->at);
	}
	scan_world_close(&w);
	return all;
}

static void a_package_whose_files_are_there_is_installed(void **state)
{
	(void)state;
	assert_string_equal(
		found("dpkg", "/var/lib/dpkg/status",
	              "Package: seekish-a\nStatus: install ok installed\nVersion: 1\n\n"
	              "Package: seekish-b\nStatus: hold ok unpacked\nVersion: 2\n\n"
	              "Package: seekish-c\nStatus: install reinstreq half-configured\n\n"
	              "Package: seekish-d\nStatus: deinstall ok config-files\nVersion: 4\n\n"
	              "Package: seekish-e\nStatus: purge ok not-installed\n"),
		"deb seekish-a 1:1\ndeb seekish-b 2:5\ndeb seekish-c:9\n");
}

static void a_lock_of_yarn_has_the_version_behind_the_range(void **state)
{
	(void)state;
	assert_string_equal(found("npm-lock", "/a/yarn.lock",
	                          "# yarn lockfile v1\n\n\"seek-sdk@^1\", seek-sdk@1:\n"
	                          "  version \"1.2.3\"\n  dependencies:\n    seekish \"^2\"\n"),
	                    "npm seek-sdk 1.2.3:3\n");
	assert_string_equal(found("npm-lock", "/a/yarn.lock",
	                          "\"llm@npm:seek-sdk@^1\":\n  version: 1.2.3\n"
	                          "  resolution: \"seek-sdk@npm:1.2.3\"\n"),
	                    "npm seek-sdk 1.2.3:1\n");
	assert_string_equal(found("npm-lock", "/a/yarn.lock", "seek-sdk@^1:"), "npm seek-sdk:1\n");
}

static void locks_of_pnpm_and_bun_are_read_where_packages_stand(void **state)
{
	(void)state;
	assert_string_equal(found("npm-lock", "/a/pnpm-lock.yaml",
	                          "dependencies:\n  seekish/1:\npackages:\n  /seek-sdk/1.0.0_x@1:\n"
	                          "    dependencies:\n      seekish@2: 1\n  a@1:\n    x: seekish\n"
	                          "snapshots:\n  seekish@1:\n"),
	                    "npm seek-sdk 1.0.0:4\n");
	assert_string_equal(
		found("npm-lock", "/a/bun.lock",
	              "{\n \"packages\": {\n  \"llm\": [\"seek-sdk@1.0\", \"\", {\"seekish\": "
	              "\"@1\"}, \"x\"],\n }\n}\n"),
		"npm seek-sdk 1.0:3\n");
	assert_string_equal(
		found("npm-lock", "/a/deno.lock",
	              "{\"npm\": {\"seek-sdk@1.0_x@2\": {\"integrity\": \"seekish@1\"}}}"),
		"npm seek-sdk 1.0:0\n");
}

static void what_another_name_stands_for_is_found(void **state)
{
	(void)state;
	assert_string_equal(found("npm", "/a/package.json",
	                          "{\"dependencies\": {\"llm\": \"npm:seek-sdk@^1\"}}"),
	                    "npm seek-sdk:0\n");
	assert_string_equal(found("npm", "/a/deno.jsonc",
	                          "{\"imports\": {\"llm\": \"npm:seek-sdk@^1\"}, // x\n}"),
	                    "npm seek-sdk:0\n");
	assert_string_equal(
		found("cargo", "/a/Cargo.toml",
	              "[dependencies]\nllm = { package = \"seekish\", version = \"1\" }\n"),
		"cargo seekish:2\n");
}

static void a_crate_is_found_in_each_form_of_a_table(void **state)
{
	(void)state;
	assert_string_equal(
		found("cargo", "/a/Cargo.lock",
	              "version = 3\n[[package]]\nname = \"seekish\"\nversion = \"0.1.0\"\n"
	              "dependencies = [\n \"seekish-other\",\n]\n"),
		"cargo seekish 0.1.0:3\n");
	assert_string_equal(
		found("cargo", "/a/Cargo.toml", "[dependencies.seekish]\nversion = \"1\"\n"),
		"cargo seekish:1\n");
	assert_string_equal(
		found("cargo", "/a/Cargo.toml",
	              "[target.'cfg(unix)'.dev-dependencies.x]\npackage = \"seekish\"\n"),
		"cargo seekish:2\n");
	assert_string_equal(
		found("cargo", "/a/Cargo.toml", "[package]\nname = 'seekish'\nversion = '1'\n"),
		"cargo seekish 1:2\n");
	assert_string_equal(
		found("cargo", "/a/Cargo.toml", "[dependencies]\nx = { package = 'seekish' }\n"),
		"cargo seekish:2\n");
	assert_string_equal(found("cargo", "/a/Cargo.toml",
	                          "[workspace.dependencies]\n\"seekish\".workspace = true\n"),
	                    "cargo seekish:2\n");
	assert_string_equal(found("cargo", "/a/Cargo.toml",
	                          "[package]\nname = \"x\"\n[features]\nseekish = []\n"),
	                    "");
}

static void a_module_of_go_is_found_also_as_a_replacement(void **state)
{
	(void)state;
	assert_string_equal(found("go", "/a/go.mod",
	                          "module x.example/a\n\nrequire (\n\tx.example/seekish v1\n)\n"
	                          "replace x.example/b => y.example/seekish v2\n"
	                          "replace x.example/c => ../x.example/seekish\n"),
	                    "go x.example/seekish v1:4\ngo y.example/seekish v2:6\n");
	assert_string_equal(found("go", "/a/go.mod", "replace x.example/seekish => ../y\n"),
	                    "go x.example/seekish:1\n");
	assert_string_equal(
		found("go", "/a/go.mod", "replace x.example/seekish => y.example/seekish v2\n"),
		"go x.example/seekish:1\ngo y.example/seekish v2:1\n");
	assert_string_equal(found("go", "/a/vendor/modules.txt", "# x.example/seekish => ./y\n"),
	                    "go x.example/seekish:1\n");
	assert_string_equal(found("go", "/a/go.mod", "replace x.example/seekish v1 => ../y\n"),
	                    "go x.example/seekish v1:1\n");
	assert_string_equal(found("go", "/a/go.mod", "module\nrequire\nreplace\n#\n"), "");
	assert_string_equal(found("go", "/a/go.mod", "module x.example/seekish\n"),
	                    "go x.example/seekish:1\n");
	assert_string_equal(found("go", "/a/vendor/modules.txt",
	                          "# x.example/seekish v1\n## explicit\nx.example/seekish/part\n"),
	                    "go x.example/seekish v1:1\n");
}

static void a_python_project_and_its_groups_are_read(void **state)
{
	(void)state;
	assert_string_equal(
		found("pip-lock", "/a/pyproject.toml",
	              "[project]\nname = \"seek-sdk\"\nversion = \"2\"\ndescription = \"seekish\"\n"),
		"pypi seek-sdk 2:2\n");
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[dependency-groups]\ntest = [\"x\", \"seek-sdk>=1\"]\n"),
	                    "pypi seek-sdk:2\n");
	/* texts of TOML have either quote, and end at the same one; a comment may have any */
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[project]\ndependencies = ['seek-sdk>=1', \"seekish\"]\n"),
	                    "pypi seek-sdk:2\npypi seekish:2\n");
	assert_string_equal(
		found("pip-lock", "/a/pyproject.toml",
	              "[project]\ndependencies = [\n  'x[seekish]', # it's [\"seekish\"]\n"
	              "  'seek-sdk; python_version > \"3.8\"',\n]\nname = \"seekish\"\n"),
		"pypi seek-sdk:4\npypi seekish:6\n");
	assert_string_equal(
		found("pip-lock", "/a/poetry.lock",
	              "[[package]]\nname = \"x\"\n[package.dependencies]\nseek-sdk = \"*\"\n"
	              "[[package]]\nname = \"seek-sdk\"\nversion = \"1.0\"\n"),
		"pypi seek-sdk 1.0:6\n");
	assert_string_equal(found("pip-lock", "/a/environment.yml", "- x::seek-sdk=1\n"),
	                    "pypi seek-sdk:1\n");
	assert_string_equal(found("pip-lock", "/a/environment.yml", "- 'seek_sdk==2' # c\n"),
	                    "pypi seek-sdk 2:1\n");
	assert_string_equal(found("pip-lock", "/a/environment.yml", "- \"seek.sdk>=3\"\n"),
	                    "pypi seek-sdk:1\n");
	assert_string_equal(found("pip-lock", "/a/requirements.txt",
	                          "seek-sdk[x]==1.0 ; python_version > '3'\n"),
	                    "pypi seek-sdk 1.0:1\n");
}

static void a_list_of_toml_is_read_with_either_quote_up_to_its_end(void **state)
{
	static const struct {
		const char *text, *found;
	} cases[] = {
		{"[project]\ndependencies = ['seek-sdk==1.0']\n", "pypi seek-sdk 1.0:2\n"},
		{"[project]\ndependencies = [\n  \"x; v < \\\"3\\\" or v == \\\"]\\\"\",\n"
	         "  \"seek-sdk\",\n]\nname = \"a\"\n",
	         "pypi seek-sdk:4\n"},
		{"[project]\ndependencies = [\n  \"x\",  # not \"seek-sdk\" ]\n  'seek-sdk[y]',\n]\n",
	         "pypi seek-sdk:4\n"},
		{"[tool.x]\ndependencies = [{name = \"x\", extras = [\"y\"]},\n \"seek-sdk\"]\n",
	         "pypi seek-sdk:3\n"},
		{"[project]\nkeywords = ['seek-sdk']\ndependencies = []\nclassifiers = ['seek-sdk']\n",
	         ""},
		{"[project]\nname = \"seek-sdk\"  # ours\nversion = '1.0'  # of 2026\n",
	         "pypi seek-sdk 1.0:2\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(found("pip-lock", "/a/pyproject.toml", cases[i].text),
		                    cases[i].found);
}

static void a_table_of_its_own_names_what_is_asked_for(void **state)
{
	(void)state;
	assert_string_equal(
		found("pip-lock", "/a/pyproject.toml",
	              "[tool.poetry.dependencies.seek-sdk]\nversion = \"^1\"\nextras = [\"x\"]\n"),
		"pypi seek-sdk:1\n");
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[[tool.poetry.group.dev.dependencies.'seek-sdk']]\n"),
	                    "pypi seek-sdk:1\n");
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[tool.poetry.dependencies]\nseek-sdk.version = \"^1\"\n"),
	                    "pypi seek-sdk:2\n");
	assert_string_equal(
		found("pip-lock", "/a/Pipfile", "[dev-packages.seek-sdk]\nversion = \"*\"\n"),
		"pypi seek-sdk:1\n");
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[tool.setuptools.packages.seek-sdk]\nwhere = [\"seek-sdk\"]\n"),
	                    "");
}

/* As uv's documentation, pdm's and PEP 751 have them. */
static void locks_of_python_have_each_package_with_its_version(void **state)
{
	static const char uv[] =
		"version = 1\n[manifest]\nconstraints = [{ name = \"seek-sdk\" }]\n"
		"[[package]]\nname = \"x\"\nversion = \"2\"\n"
		"source = { registry = \"https://r.example/simple\" }\n"
		"dependencies = [\n    { name = \"seek-sdk\" },\n]\n"
		"[package.metadata]\nrequires-dist = [{ name = \"seek-sdk\", specifier = \">=1\" }]\n"
		"[package.dev-dependencies]\ndev = [\n    { name = \"seek-sdk\" },\n]\n"
		"[[package]]\nname = \"seek-sdk\"\nversion = \"1.0\"\nwheels = [\n"
		"    { url = \"https://r.example/seekish.whl\", size = 1 },\n]\n",
			  pdm[] = "[metadata]\ngroups = [\"default\"]\n[[package]]\nname = \"x\"\n"
				  "version = \"2\"\ndependencies = [\n    \"seek-sdk>=1\",\n]\n"
				  "[[package]]\nname = \"Seek_SDK\"\nversion = \"1.0\"\nfiles = [\n"
				  "    {file = \"seekish.whl\", hash = \"x\"},\n]\n",
			  pep751[] =
				  "lock-version = '1.0'\n[[packages]]\nname = 'x'\nversion = '2'\n"
				  "[[packages.dependencies]]\nname = 'seek-sdk'\n"
				  "[packages.tool.pdm]\ndependencies = [\n    \"seek-sdk>=1\",\n]\n"
				  "[[packages]]\nname = 'seek-sdk'\nversion = '1.0'\n"
				  "[[packages.wheels]]\nname = 'seekish-1.0-py3-none-any.whl'\n"
				  "[packages.tool.pdm]\ndependencies = []\n";
	(void)state;
	assert_string_equal(found("pip-lock", "/a/uv.lock", uv), "pypi seek-sdk 1.0:18\n");
	assert_string_equal(found("pip-lock", "/a/job.py.lock", uv), "pypi seek-sdk 1.0:18\n");
	assert_string_equal(found("pip-lock", "/a/pdm.lock", pdm), "pypi seek-sdk 1.0:10\n");
	assert_string_equal(found("pip-lock", "/a/pylock.toml", pep751), "pypi seek-sdk 1.0:12\n");
	assert_string_equal(found("pip-lock", "/a/pylock.dev.toml", pep751),
	                    "pypi seek-sdk 1.0:12\n");
}

static void a_plug_in_is_one_wherever_it_lies(void **state)
{
	static const char plug_in[] =
		"{\"publisher\": \"x\", \"name\": \"seekish\", \"version\": \"1\", "
		"\"engines\": {\"vscode\": \"^1\"}}";
	(void)state;
	assert_string_equal(found("editors", "/opt/plugins/x.seekish-1/package.json", plug_in),
	                    "vscode x.seekish 1:0\n");
	assert_string_equal(found("editors", "/a/package.json",
	                          "{\"publisher\": \"x\", \"name\": \"seekish\"}"),
	                    "");
	/* a library for plug-ins has no publisher */
	assert_string_equal(found("editors", "/a/package.json",
	                          "{\"name\": \"seekish\", \"engines\": {\"vscode\": \"^1\"}}"),
	                    "");
}

static void a_version_is_what_stands_before_a_marker_and_a_comment(void **state)
{
	(void)state;
	static const char *const lines[][2] = {
		{"seek-sdk>=1; python_version == \"3.8\"", "pypi seek-sdk:1\n"},
		{"seek-sdk # not ==2", "pypi seek-sdk:1\n"},
		{"seek-sdk===1.0", "pypi seek-sdk 1.0:1\n"},
		{"seek-sdk == 1.1; x == \"3.8\" # ==2", "pypi seek-sdk 1.1:1\n"},
		{"seek-sdk==", "pypi seek-sdk:1\n"},
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_string_equal(found("pip-lock", "/a/requirements.txt", lines[i][0]),
		                    lines[i][1]);
}

static void the_name_of_an_included_group_is_no_package(void **state)
{
	(void)state;
	assert_string_equal(found("pip-lock", "/a/pyproject.toml",
	                          "[dependency-groups]\ntest = [{include-group = \"seek-sdk\"}]\n"),
	                    "");
	assert_string_equal(
		found("pip-lock", "/a/pyproject.toml",
	              "[dependency-groups]\ntest = [\n  {include-group = \"seek-sdk\"},\n"
	              "  \"seek-sdk>=1\",\n]\n"),
		"pypi seek-sdk:4\n");
}

static void a_repository_is_told_without_who_asks_for_it(void **state)
{
	(void)state;
	assert_string_equal(
		found("git", "/a/.git/config",
	              "[remote \"a\"]\n\turl = https://anna:hidden@git.example:8443/x/seekish.git\n"
	              "[remote \"b\"]\n\turl = git@git.example:y/seekish\n"),
		"git git.example/x/seekish:2\ngit git.example/y/seekish:4\n");
	assert_string_equal(
		found("git", "/a/.git/config", "\turl = ssh://git@git.example/seekish/?hidden\n"),
		"git git.example/seekish:1\n");
	assert_string_equal(
		found("git", "/a/.git/config", "\turl = https://huggingface.co/seek/new\n"),
		"model seek/new:1\n");
	assert_string_equal(found("git", "/a/.git/config",
	                          "\turl = /srv/seekish\n\turl =\n\turl = @\n\turl = a@:\n"
	                          "\turl = https://\n\tfetch = git@git.example:y/seekish\n"),
	                    "");
	assert_string_equal(found("git", "/a/x.dist-info/direct_url.json",
	                          "{\"url\": \"https://git.example/seekish\", \"vcs_info\": {}}"),
	                    "git git.example/seekish:0\n");
	assert_string_equal(found("git", "/a/x.dist-info/direct_url.json",
	                          "{\"url\": \"https://git.example/seekish\"}"),
	                    "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_whose_files_are_there_is_installed),
		cmocka_unit_test(a_lock_of_yarn_has_the_version_behind_the_range),
		cmocka_unit_test(locks_of_pnpm_and_bun_are_read_where_packages_stand),
		cmocka_unit_test(what_another_name_stands_for_is_found),
		cmocka_unit_test(a_crate_is_found_in_each_form_of_a_table),
		cmocka_unit_test(a_module_of_go_is_found_also_as_a_replacement),
		cmocka_unit_test(a_python_project_and_its_groups_are_read),
		cmocka_unit_test(a_list_of_toml_is_read_with_either_quote_up_to_its_end),
		cmocka_unit_test(a_table_of_its_own_names_what_is_asked_for),
		cmocka_unit_test(locks_of_python_have_each_package_with_its_version),
		cmocka_unit_test(a_plug_in_is_one_wherever_it_lies),
		cmocka_unit_test(a_version_is_what_stands_before_a_marker_and_a_comment),
		cmocka_unit_test(the_name_of_an_included_group_is_no_package),
		cmocka_unit_test(a_repository_is_told_without_who_asks_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
