#include "scan/web_app.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* Where applications start on a host. */
static const char *const starts[] = {"https://", "https://www."};
enum { STARTS = sizeof(starts) / sizeof(*starts) };

static void make_id(const char *url, char id[static SCAN_WEB_APP_ID_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const uint8_t *)url, strlen(url));
	crypto_hash_sha256(hash, hash, sizeof(hash)); /* the id of a hash: hashed twice */
	for (size_t i = 0; i < SCAN_WEB_APP_ID_SIZE; i++)
		id[i] = (char)('a' + (i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4));
}

static bool is_host(const struct image_identifier *i)
{
	return identifier_kinds[i->kind].group == GROUP_NAME && i->role == ROLE_DEDICATED &&
	       (i->match == MATCH_EXACT || i->match == MATCH_SUFFIX);
}

static int compare(const void *left, const void *right)
{
	const struct scan_web_app *a = left, *b = right;
	return memcmp(a->id, b->id, sizeof(a->id));
}

int scan_web_apps_make(const struct policy *p, struct scan_web_apps *ret)
{
	struct scan_web_apps apps = {.rows = calloc(SCAN_WEB_APPS_MAX, sizeof(*apps.rows))};
	const struct image_identifier *x;
	char url[512];
	if (!apps.rows)
		return -ENOMEM;
	for (uint32_t i = 0; (x = policy_identifier(p, i)); i++) {
		for (size_t k = 0; is_host(x) && k < STARTS && apps.count < SCAN_WEB_APPS_MAX;
		     k++) {
			struct scan_web_app *row = &apps.rows[apps.count++];
			(void)snprintf(url, sizeof(url), "%s%s/", starts[k],
			               policy_text(p, x->value));
			make_id(url, row->id);
			row->identifier = i;
		}
	}
	qsort(apps.rows, apps.count, sizeof(*apps.rows), compare);
	*ret = apps;
	return OK;
}

void scan_web_apps_done(struct scan_web_apps *apps)
{
	free(apps->rows);
	*apps = (struct scan_web_apps){0};
}

bool scan_web_app_is_id(struct view text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.bytes[i] < 'a' || text.bytes[i] > 'p')
			return false;
	}
	return text.size == SCAN_WEB_APP_ID_SIZE;
}

struct view scan_web_apps_find(const struct scan_web_apps *apps, const struct policy *p,
                               struct view id)
{
	struct scan_web_app key;
	if (!scan_web_app_is_id(id) || apps->count == 0)
		return (struct view){0};
	memcpy(key.id, id.bytes, sizeof(key.id));
	const struct scan_web_app *row =
		bsearch(&key, apps->rows, apps->count, sizeof(key), compare);
	return row ? view_text(policy_text(p, policy_identifier(p, row->identifier)->value))
	           : (struct view){0};
}
