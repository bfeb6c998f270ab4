#include "daemon/scrape.h"

#include "base/clock.h"
#include "daemon/log_line.h"
#include "daemon/metrics.h"
#include "daemon/parent.h"

static int write_page(struct scrape *s, const struct parent *p)
{
	struct buffer text = {0};
	struct memory page;
	metrics_write(p, &text);
	int code = text.failed ? ERR_LIMIT : memory_copy("writ-metrics", buffer_view(&text), &page);
	buffer_done(&text);
	if (code < 0)
		return code;
	scrape_done(s);
	s->page = page;
	s->at_us = clock_monotonic_us();
	return OK;
}

void scrape_answer(struct scrape *s, const struct parent *p, int fd)
{
	int code = OK;
	if (!s->at_us || clock_monotonic_us() - s->at_us > INT64_C(1000) * SCRAPE_FRESH_MS)
		code = write_page(s, p);
	if (code == OK)
		code = message_send(fd, MESSAGE_METRICS, (struct view){0}, &s->page.fd, 1);
	if (code < 0)
		log_line(LOG_LEVEL_WARNING, "cannot give metrics: %s", err_text(code));
}

void scrape_done(struct scrape *s)
{
	if (s->at_us)
		memory_close(&s->page);
	*s = (struct scrape){.page = MEMORY_NONE};
}
