/* The BPF programs of control groups: which the kernel runs over what a process sends, by their names. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/egress_space.h"

enum { PROGRAMS_MAX = 64 };

/* Where control groups of the second version are mounted; NULL: nowhere. */
static const char *find_mount(void)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct statfs f;
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		if (statfs(mounts[i], &f) == 0 && f.f_type == CGROUP2_SUPER_MAGIC)
			return mounts[i];
	}
	return NULL;
}

bool egress_group_of(pid_t pid, char ret[static EGRESS_PATH_SIZE])
{
	char path[64], line[EGRESS_PATH_SIZE + 16];
	bool is_known = false;
	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	cleanup(file) FILE *f = fopen(path, "re");
	ret[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		(void)snprintf(ret, EGRESS_PATH_SIZE, "%.*s", EGRESS_PATH_SIZE - 1, line + 3);
		is_known = !strstr(ret, "/..") && strlen(line + 3) < EGRESS_PATH_SIZE;
	}
	return is_known;
}

/* Cuts `group` to what the other has, too. */
static void cut_to_common(char *group, const char *other)
{
	size_t same = 0, size = 0;
	for (; group[size] && group[size] == other[size]; size++) {
		if (group[size] == '/')
			same = size;
	}
	bool is_whole = (group[size] == '\0' && (other[size] == '/' || other[size] == '\0')) ||
	                (other[size] == '\0' && group[size] == '/');
	group[is_whole ? size : same] = '\0';
}

/* The innermost group that all are in: what is attached there or above counts for each. */
static bool common_group(const pid_t *processes, size_t count, char ret[static EGRESS_PATH_SIZE])
{
	char own[EGRESS_PATH_SIZE];
	bool is_known = count > 0 && egress_group_of(processes[0], ret);
	for (size_t i = 1; is_known && i < count; i++) {
		is_known = egress_group_of(processes[i], own);
		if (is_known)
			cut_to_common(ret, own);
	}
	return is_known;
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int name_of(uint32_t id, char ret[static BPF_OBJ_NAME_LEN])
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	cleanup(fd) int fd = (int)bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return -errno;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
		return -errno;
	(void)snprintf(ret, BPF_OBJ_NAME_LEN, "%s", info.name[0] ? info.name : "unnamed");
	return OK;
}

static void add_program(uint32_t id, struct egress_filters *f)
{
	char name[BPF_OBJ_NAME_LEN];
	size_t size = strlen(f->names);
	f->count++;
	if (name_of(id, name) < 0)
		(void)snprintf(name, sizeof(name), "unnamed");
	f->has_addresses |= strcmp(name, "sd_fw_egress") == 0;
	f->has_interfaces |= strcmp(name, "sd_restrictif_e") == 0;
	if (size + strlen(name) + 2 < sizeof(f->names))
		(void)snprintf(f->names + size, sizeof(f->names) - size, "%s%s", size ? " " : "",
		               name);
}

/* Those that take effect there: attached to it, or above and handed down. */
static int query(int group, struct egress_filters *f)
{
	uint32_t ids[PROGRAMS_MAX];
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = BPF_CGROUP_INET_EGRESS;
	attr.query.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = PROGRAMS_MAX;
	if (bpf(BPF_PROG_QUERY, &attr) < 0)
		return -errno;
	for (uint32_t i = 0; i < attr.query.prog_cnt && i < PROGRAMS_MAX; i++)
		add_program(ids[i], f);
	return OK;
}

void egress_filters_of(const pid_t *processes, size_t count, struct egress_filters *ret)
{
	char group[EGRESS_PATH_SIZE], path[EGRESS_PATH_SIZE + 64];
	const char *mount = find_mount();
	struct egress_filters f = {.why = ERR_MISSING};
	if (mount && common_group(processes, count, group)) {
		(void)snprintf(path, sizeof(path), "%s%s", mount, group);
		cleanup(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		f.why = fd < 0 ? -errno : query(fd, &f);
		f.is_asked = f.why == OK;
	}
	*ret = f;
}
