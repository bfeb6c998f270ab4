#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/egress_space.h"

enum { DEPTH_MAX = 12, GROUPS_MAX = 100000, ID_MIN = 12 };
static const char groups[] = "/sys/fs/cgroup";

struct search {
	const char *name;
	char path[EGRESS_PATH_SIZE];
	size_t seen;
};

/* docker-ID.scope, libpod-ID.scope, ID, machine-NAME.scope, lxc.payload.NAME */
static bool is_called(const char *folder, const char *name)
{
	char text[300];
	size_t size = strlen(name);
	if (strcmp(folder, name) == 0)
		return true;
	(void)snprintf(text, sizeof(text), "machine-%.200s.scope", name);
	if (strcmp(folder, text) == 0)
		return true;
	(void)snprintf(text, sizeof(text), "lxc.payload.%.200s", name);
	if (strcmp(folder, text) == 0)
		return true;
	if (size < ID_MIN || strspn(name, "0123456789abcdef") != size)
		return false;
	const char *dash = strrchr(folder, '-'), *id = dash ? dash + 1 : folder;
	return strncmp(id, name, size) == 0;
}

/* Depth first, below search->path. */
static bool find_group(struct search *s, unsigned depth)
{
	size_t size = strlen(s->path);
	DIR *folder = depth < DEPTH_MAX ? opendir(s->path) : NULL;
	const struct dirent *e;
	bool is_found = false;
	while (folder && !is_found && s->seen < GROUPS_MAX && (e = readdir(folder))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.' ||
		    size + 1 + strlen(e->d_name) >= sizeof(s->path))
			continue;
		s->seen++;
		(void)snprintf(s->path + size, sizeof(s->path) - size, "/%s", e->d_name);
		is_found = is_called(e->d_name, s->name) || find_group(s, depth + 1);
		if (!is_found)
			s->path[size] = '\0';
	}
	if (folder)
		closedir(folder);
	return is_found;
}

static void read_processes(const char *path, struct egress_target *t)
{
	char file[EGRESS_PATH_SIZE + 32];
	int pid = 0;
	(void)snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	cleanup(file) FILE *f = fopen(file, "re");
	bool is_full = false;
	while (f && !is_full && fscanf(f, "%d", &pid) == 1) {
		is_full = pid > 0 && t->count == EGRESS_TARGET_PROCESSES;
		if (pid > 0 && !is_full)
			t->processes[t->count++] = pid;
	}
	t->has_more |= is_full;
}

/* Of the group and of all below it. */
static void read_group(char path[static EGRESS_PATH_SIZE], unsigned depth, struct egress_target *t)
{
	size_t size = strlen(path);
	read_processes(path, t);
	DIR *folder = opendir(path);
	const struct dirent *e;
	while (folder && (e = readdir(folder))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if (depth == DEPTH_MAX || size + 1 + strlen(e->d_name) >= EGRESS_PATH_SIZE) {
			t->has_more = true;
			continue;
		}
		(void)snprintf(path + size, EGRESS_PATH_SIZE - size, "/%s", e->d_name);
		read_group(path, depth + 1, t);
		path[size] = '\0';
	}
	if (folder)
		closedir(folder);
}

static int find_process(const char *name, struct egress_target *ret)
{
	char path[64];
	long pid = strtol(name, NULL, 10);
	struct stat st;
	(void)snprintf(path, sizeof(path), "/proc/%ld", pid);
	if (pid <= 0 || stat(path, &st) < 0)
		return ERR_MISSING;
	ret->processes[0] = (pid_t)pid;
	ret->count = 1;
	(void)egress_group_of((pid_t)pid, ret->group);
	return OK;
}

int egress_target_find(const char *name, struct egress_target *ret)
{
	struct search s = {.name = name};
	ret->count = 0;
	ret->has_more = false;
	ret->group[0] = '\0';
	if (isdigit((unsigned char)name[0]) && name[strspn(name, "0123456789")] == '\0' &&
	    strlen(name) < 8)
		return find_process(name, ret);
	(void)snprintf(s.path, sizeof(s.path), "%s", groups);
	if (!*name || strchr(name, '/') || !find_group(&s, 0))
		return ERR_MISSING;
	(void)snprintf(ret->group, sizeof(ret->group), "%s", s.path + strlen(groups));
	read_group(s.path, 0, ret);
	return ret->count ? OK : ERR_MISSING;
}
