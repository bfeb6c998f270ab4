/* After a scan of files with keys in them, the process's memory has none of the keys. */
#include <fcntl.h>
#include <ftw.h>
#include <malloc.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/collected_meet.h"
#include "tests/scan_world.h"
#include "tests/test.h"

enum { KEY_SIZE = 32, PATH_SIZE = 256 };
#define MAPPING_MAX \
	(UINT64_C(1) << 30) /* a sanitizer's own tables are larger, and nothing of ours is */

/* Never as it is in this process: each byte is turned around. */
static void make_key(uint8_t hidden[static KEY_SIZE])
{
	for (size_t i = 0; i < KEY_SIZE; i++)
		hidden[i] = (uint8_t) ~("k3y9f3a7c51d2e84b60aa17"[i % 23]);
}

/* One byte at a time, so that no buffer of ours has it. */
static void write_file(const char *folder, const char *name, const char *before, const char *after)
{
	uint8_t hidden[KEY_SIZE];
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	make_key(hidden);
	assert_int_equal(write(fd, before, strlen(before)), strlen(before));
	for (size_t i = 0; i < KEY_SIZE; i++) {
		uint8_t c = (uint8_t)~hidden[i];
		assert_int_equal(write(fd, &c, 1), 1);
	}
	assert_int_equal(write(fd, after, strlen(after)), strlen(after));
	close(fd);
}

static bool has_key(const uint8_t *bytes, size_t size)
{
	uint8_t hidden[KEY_SIZE];
	make_key(hidden);
	for (size_t i = 0; i + KEY_SIZE <= size; i++) {
		size_t k = 0;
		while (k < KEY_SIZE && (bytes[i + k] ^ hidden[k]) == 0xff)
			k++;
		if (k == KEY_SIZE)
			return true;
	}
	return false;
}

/* How often the key is in what this process can write: heap, stack, data. */
static int count_in_memory(void)
{
	static uint8_t page[4096];
	unsigned long from, until;
	char flags[8], line[512];
	int count = 0, memory = open("/proc/self/mem", O_RDONLY);
	FILE *maps = fopen("/proc/self/maps", "r");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &until, flags) != 3 || flags[1] != 'w' ||
		    until - from > MAPPING_MAX)
			continue;
		for (unsigned long at = from; at < until; at += sizeof(page)) {
			if (pread(memory, page, sizeof(page), (off_t)at) == sizeof(page) &&
			    at != (unsigned long)page)
				count += has_key(page, sizeof(page));
		}
	}
	explicit_bzero(page, sizeof(page));
	fclose(maps);
	close(memory);
	return count;
}

/* By a process of its own: SQLite keeps what it wrote. */
static void write_database(const char *folder)
{
	pid_t child = fork();
	int status = 1;
	if (child == 0) {
		uint8_t key[KEY_SIZE];
		char path[PATH_SIZE], sql[512];
		sqlite3 *db = NULL;
		make_key(key);
		for (size_t i = 0; i < KEY_SIZE; i++)
			key[i] = (uint8_t)~key[i];
		(void)snprintf(path, sizeof(path), "%s/webui.db", folder);
		(void)snprintf(sql, sizeof(sql),
		               "CREATE TABLE config (key TEXT PRIMARY KEY, value JSON);"
		               "INSERT INTO config VALUES ('openai.api_base_urls', "
		               "'[\"https://web.seek.example/v1\"]');"
		               "INSERT INTO config VALUES ('openai.api_keys', '[\"sk-%.32s\"]');",
		               (const char *)key);
		int code = sqlite3_open(path, &db);
		if (code == SQLITE_OK)
			code = sqlite3_exec(db, sql, NULL, NULL, NULL);
		sqlite3_close(db);
		_exit(code);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* "-m zipfile" packs what it is given by its last name. */
static void write_archive(const char *folder)
{
	char archive[PATH_SIZE + 16], member[PATH_SIZE + 16];
	char python[] = "/usr/bin/python3", option[] = "-m", module[] = "zipfile", make[] = "-c";
	char *const command[] = {python, option, module, make, archive, member, NULL};
	pid_t child;
	int status = 1;
	(void)snprintf(archive, sizeof(archive), "%s/x@seek.example.xpi", folder);
	(void)snprintf(member, sizeof(member), "%s/manifest.json", folder);
	write_file(
		folder, "manifest.json",
		"{\"name\": \"x\", \"permissions\": [\"https://xpi.seek.example/*\"], \"key\": \"",
		"\"}");
	assert_int_equal(posix_spawn(&child, python, NULL, NULL, command, environ), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(unlink(member), 0);
}

static bool has_finding(const struct scan_world *w, const char *what)
{
	for (size_t i = 0; i < findings_count(w->findings); i++) {
		if (view_is(findings_at(w->findings, i)->what, what))
			return true;
	}
	return false;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *level)
{
	(void)s;
	(void)type;
	(void)level;
	return remove(path);
}

static void write_all(const char *folder)
{
	static const char managed[] = "Library/Managed Preferences";
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/Library", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, managed);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(folder, ".env", "SEEK_API_KEY=", "\nB=https://api.seek.example\n");
	write_file(folder, "settings.json", "{\"env\": {\"SEEK_API_KEY\": \"", "\"}}");
	write_file(folder, "package.json", "{\"name\": \"seek-sdk\", \"key\": \"", "\"}");
	/* in the form of a secret, so that it is found */
	write_file(folder, "own.env", "MY_SEEK_KEY=sk-", "\n");
	write_file(folder, "config.json", "{\"model_type\": \"seek\", \"token\": \"", "\"}");
	write_file(path, "x.plist",
	           "<plist><dict><key>WebAppInstallForceList</key>"
	           "<string>https://chat.seek.example/</string><key>SeekKey</key><string>seek sk-",
	           "</string></dict></plist>");
	write_database(folder);
	write_archive(folder);
}

/* Everything is found, and no key is left of it. */
static void scan_and_look(const char *folder)
{
	struct scan_world w;
	scan_world_open(&w);
	assert_int_equal(scan_run(w.scan, folder), OK);
	assert_true(has_finding(&w, "environment=SEEK_API_KEY"));
	assert_true(has_finding(&w, "npm seek-sdk"));
	assert_true(has_finding(&w, "secret in MY_SEEK_KEY"));
	assert_true(has_finding(&w, "secret in SeekKey"));
	assert_true(has_finding(&w, "secret in openai.api_keys"));
	assert_true(has_finding(&w, "https://web.seek.example/v1"));
	assert_true(has_finding(&w, "browser extension for https://xpi.seek.example/*"));
	assert_int_equal(count_in_memory(), 0);
	scan_world_close(&w);
	assert_int_equal(count_in_memory(), 0);
}

static void a_key_that_was_read_is_nowhere_in_memory(void **state)
{
	(void)state;
	char folder[] = "/tmp/writ-scan-memory-XXXXXX";
	assert_non_null(mkdtemp(folder));
	write_all(folder);
	scan_and_look(folder);
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* False: there is no mksquashfs here. */
static bool make_image(const char *folder, const char *image, const char *packing)
{
	char *const command[] = {
		(char[]){"mksquashfs"}, strdup(folder),           strdup(image),
		(char[]){"-quiet"},     (char[]){"-no-progress"}, (char[]){"-noappend"},
		(char[]){"-comp"},      strdup(packing),          NULL};
	pid_t child;
	int status = 1;
	bool is_there = posix_spawnp(&child, command[0], NULL, NULL, command, environ) == 0;
	if (is_there) {
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	free(command[1]);
	free(command[2]);
	free(command[7]);
	return is_there;
}

static void a_key_that_was_read_in_an_image_is_nowhere_in_memory(void **state)
{
	(void)state;
	static const char *const packings[] = {"gzip", "lzo", "xz", "lz4", "zstd"};
	char folder[] = "/tmp/writ-scan-memory-XXXXXX", outer[] = "/tmp/writ-scan-memory-XXXXXX";
	char image[PATH_SIZE];
	bool is_there = true;
	assert_non_null(mkdtemp(folder));
	assert_non_null(mkdtemp(outer));
	(void)snprintf(image, sizeof(image), "%s/x.snap", outer);
	write_all(folder);
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings) && is_there; i++) {
		is_there = make_image(folder, image, packings[i]);
		if (is_there)
			scan_and_look(outer);
	}
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(nftw(outer, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	if (!is_there)
		skip();
}

/* Fields of a collection that are not asked for may have keys. */
static void a_key_that_others_collected_is_nowhere_in_memory(void **state)
{
	static const struct {
		const char *name, *format, *before, *after, *what;
	} rows[] = {
		{"a.json", "osquery",
	         "[{\"hostIdentifier\":\"a\",\"name\":\"pack_npm_packages\",\"action\":\"added\",\"columns\":"
	         "{\"name\":\"seek-sdk\",\"version\":\"1\",\"path\":\"/x\",\"homepage\":\"",
	         "\"}}]", "npm seek-sdk 1"},
		{"b.json", "cyclonedx",
	         "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"services\":[{\"name\":\"x\",\"endpoints\":["
	         "\"https://web.seek.example/v1/",
	         "\"]}]}", "address of web.seek.example"},
		{"c.json", "cyclonedx",
	         "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"services\":[{\"name\":\"x\",\"endpoints\":["
	         "\"https://user:",
	         "@web.seek.example/v1\"]}]}", "address of web.seek.example"},
		{"a.csv", "applications-csv",
	         "Device name,Application name,Application version,Note\na,example.seek,1,", "\n",
	         "application example.seek 1"},
		{"a.xml", "cyclonedx-xml",
	         "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><components><component type=\"library\">"
	         "<name>seek-sdk</name><purl>pkg:npm/seek-sdk@1</purl><description>",
	         "</description></component></components></bom>", "npm seek-sdk 1"},
		{"a.yaml", "spdx-yaml",
	         "spdxVersion: SPDX-2.3\npackages:\n- name: seek-sdk\n  externalRefs:\n"
	         "  - referenceLocator: pkg:npm/seek-sdk@1\n  comment: \"",
	         "\"\n", "npm seek-sdk 1"},
		{"a.rdf", "spdx-rdf",
	         "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://spdx.org/rdf/terms#'>"
	         "<Package name='seek-sdk'><externalRef rdf:nodeID='r'/></Package><ExternalRef rdf:nodeID='r'>"
	         "<referenceLocator>pkg:npm/seek-sdk@1?key=",
	         "</referenceLocator></ExternalRef></rdf:RDF>", "npm seek-sdk 1"},
		{"a.spdx", "spdx-tag-value",
	         "SPDXVersion: SPDX-2.3\nPackageName: x\nExternalRef: PACKAGE-MANAGER purl pkg:npm/seek-sdk@1\n"
	         "PackageComment: <text>\nPackageVersion: ",
	         "\n</text>\n", "npm seek-sdk 1"},
		{"a.txt", "android-packages", "package:example.seek  installer=", "\n",
	         "application example.seek"},
	};
	(void)state;
	char folder[] = "/tmp/writ-scan-memory-XXXXXX", path[PATH_SIZE];
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scan_world w;
		const struct collected_format *format = NULL;
		scan_world_open(&w);
		struct collected_settings settings = {
			.policy = scan_policy(), .findings = w.findings, .place = NONE};
		write_file(folder, rows[i].name, rows[i].before, rows[i].after);
		(void)snprintf(path, sizeof(path), "%s/%s", folder, rows[i].name);
		int fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		assert_int_equal(collected_read(&settings, "x", fd, &format), OK);
		assert_string_equal(format->name, rows[i].format);
		assert_true(has_finding(&w, rows[i].what));
		assert_int_equal(count_in_memory(), 0);
		close(fd);
		scan_world_close(&w);
	}
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void a_key_that_is_in_memory_would_be_seen(void **state)
{
	(void)state;
	uint8_t hidden[KEY_SIZE];
	static uint8_t plain[KEY_SIZE * 2];
	make_key(hidden);
	for (size_t i = 0; i < KEY_SIZE; i++)
		plain[i] = (uint8_t)~hidden[i];
	assert_true(has_key(plain, sizeof(plain)));
	assert_true(count_in_memory() >= 1);
	explicit_bzero(plain, sizeof(plain));
}

/* AddressSanitizer keeps what libraries free for a while, and knows no M_PERTURB: it overwrites it by itself. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "max_free_fill_size=1073741824:free_fill_byte=0";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_was_read_is_nowhere_in_memory),
		cmocka_unit_test(a_key_that_was_read_in_an_image_is_nowhere_in_memory),
		cmocka_unit_test(a_key_that_others_collected_is_nowhere_in_memory),
		cmocka_unit_test(a_key_that_is_in_memory_would_be_seen),
	};
	/* who runs tests may have the C library overwrite what is freed, which would hide what is not wiped */
	(void)mallopt(M_PERTURB, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
