#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "tests/test.h"

static void the_service_manager_hears_each_state(void **state)
{
	(void)state;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int size = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "writ-notify-%d", getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&at,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)size),
		0);
	char name[sizeof(at.sun_path) + 1], heard[512];
	(void)snprintf(name, sizeof(name), "@%s", at.sun_path + 1);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_ready("2 roles");
	ssize_t got = recv(fd, heard, sizeof(heard), MSG_DONTWAIT);
	assert_int_equal(got, (ssize_t)strlen("READY=1\nSTATUS=2 roles"));
	assert_memory_equal(heard, "READY=1\nSTATUS=2 roles", (size_t)got);
	notify_reloading(17);
	got = recv(fd, heard, sizeof(heard), MSG_DONTWAIT);
	assert_int_equal(got, (ssize_t)strlen("RELOADING=1\nMONOTONIC_USEC=17"));
	unsetenv("NOTIFY_SOCKET");
	notify_stopping();
	assert_int_equal(recv(fd, heard, sizeof(heard), MSG_DONTWAIT), -1);
	close(fd);
}

static void the_watchdog_is_fed_twice_as_often_as_needed(void **state)
{
	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_interval_us(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_interval_us(), 15000000);
	setenv("WATCHDOG_USEC", "3x", 1);
	assert_int_equal(notify_watchdog_interval_us(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_service_manager_hears_each_state),
		cmocka_unit_test(the_watchdog_is_fed_twice_as_often_as_needed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
