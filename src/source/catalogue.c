#include "source/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "source/builtin.h"
#include "source/file.h"

enum { CATALOGUE_FILE_SIZE_MAX = 16 << 20 };

/* The two kinds of files: where they lie, how one is read. */
struct kind {
	const char *folder;
	size_t size, items, count; /* of one; of the array and its length in struct catalogue */
	int (*read)(const char *file, struct view text, struct arena *a, struct problems *p,
	            void *ret);
};

static int read_product(const char *file, struct view text, struct arena *a, struct problems *p,
                        void *ret)
{
	return product_read(file, text, a, p, ret);
}

static int read_order(const char *file, struct view text, struct arena *a, struct problems *p,
                      void *ret)
{
	return order_read(file, text, a, p, ret);
}

static const struct kind kinds[] = {
	{"products", sizeof(struct product), offsetof(struct catalogue, products),
         offsetof(struct catalogue, product_count), read_product},
	{"orders", sizeof(struct order), offsetof(struct catalogue, orders),
         offsetof(struct catalogue, order_count), read_order},
};

/* The id is the first member of both structs. */
static const char *id_of(const void *item)
{
	const char *id;
	memcpy(&id, item, sizeof(id));
	return id;
}

static void check_name(const char *file, const char *id, struct problems *p)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t size = strlen(id);
	if (strncmp(name, id, size) != 0 || strcmp(name + size, ".yaml") != 0)
		problem_add(p, file, 1, 1, "id \"%s\", expected the file to be called %s.yaml", id,
		            id);
}

static int add_file(struct catalogue *c, const struct kind *k, const char *file, struct view text,
                    struct problems *p)
{
	char *items;
	size_t count;
	memcpy(&items, (char *)c + k->items, sizeof(items));
	memcpy(&count, (char *)c + k->count, sizeof(count));
	char *grown = realloc(items, (count + 1) * k->size);
	if (!grown)
		return -ENOMEM;
	memcpy((char *)c + k->items, &grown, sizeof(grown));
	int r = k->read(file, text, &c->arena, p, grown + count * k->size);
	if (r < 0)
		return r;
	check_name(file, id_of(grown + count * k->size), p);
	count++;
	memcpy((char *)c + k->count, &count, sizeof(count));
	return OK;
}

/* A file that is wrong does not hide what is wrong in the next. */
static int keep_worst(int r, int next)
{
	if (next == ERR_INVALID || next == ERR_LIMIT)
		next = ERR_INVALID;
	return r < 0 && r != ERR_INVALID ? r : next < 0 ? next : r;
}

static int load_builtin(struct catalogue *c, const struct kind *k, struct problems *p)
{
	int r = OK;
	size_t size = strlen(k->folder);
	for (const struct builtin_file *f = builtin_files; f->path; f++) {
		if (strncmp(f->path, k->folder, size) == 0 && f->path[size] == '/')
			r = keep_worst(r, add_file(c, k, f->path, view_of(f->bytes, f->size), p));
	}
	return r;
}

static int is_yaml(const struct dirent *e)
{
	size_t size = strlen(e->d_name);
	return e->d_name[0] != '.' && size > 5 && strcmp(e->d_name + size - 5, ".yaml") == 0;
}

static int load_file(struct catalogue *c, const struct kind *k, const char *path,
                     struct problems *p)
{
	struct buffer text = {0};
	int r = file_read(path, CATALOGUE_FILE_SIZE_MAX, &text);
	if (r < 0) {
		problem_add(p, path, 0, 0, "cannot read the file: %s", err_text(r));
		r = ERR_INVALID;
	} else {
		r = add_file(c, k, path, buffer_view(&text), p);
	}
	buffer_done(&text);
	return r;
}

static int load_folder(struct catalogue *c, const struct kind *k, const char *folder,
                       struct problems *p)
{
	cleanup(free) char *path = NULL;
	struct dirent **names = NULL;
	if (asprintf(&path, "%s/%s", folder, k->folder) < 0)
		return -ENOMEM;
	int count = scandir(path, &names, is_yaml, alphasort), r = OK;
	if (count < 0) {
		problem_add(p, path, 0, 0, "cannot read the folder: %s", strerror(errno));
		return ERR_INVALID;
	}
	for (int i = 0; i < count; i++) {
		cleanup(free) char *file = NULL;
		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
			r = -ENOMEM;
		else
			r = keep_worst(r, load_file(c, k, file, p));
		free(names[i]);
	}
	free(names);
	return r;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(id_of(a), id_of(b));
}

static void check_references(const struct catalogue *c, const struct schema_list *ids,
                             bool are_products, const struct config_place *at, struct problems *p)
{
	const char *const *all = ids->items;
	for (size_t i = 0; i < ids->count; i++) {
		if (are_products ? catalogue_product(c, all[i]) != NULL
		                 : catalogue_order(c, all[i]) != NULL)
			continue;
		problem_add(p, at->file, at->line, at->column,
		            "\"%s\", expected the id of %s of the catalogue", all[i],
		            are_products ? "a product" : "an order");
	}
}

static void check_orders(const struct catalogue *c, struct problems *p)
{
	for (size_t i = 0; i < c->order_count; i++) {
		const struct order *o = &c->orders[i];
		const struct {
			const char *field;
			const struct schema_list *ids;
			bool are_products;
		} lists[] = {{"products", &o->products, true},
		             {"supersedes", &o->supersedes, false},
		             {"superseded_by", &o->superseded_by, false},
		             {"based_on", &o->based_on, false}};
		for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
			struct config_place at = config_place_of(&order_schema, o, lists[k].field);
			check_references(c, lists[k].ids, lists[k].are_products, &at, p);
		}
	}
}

int catalogue_load(const char *folder, struct catalogue *ret, struct problems *p)
{
	struct catalogue c = {0};
	size_t before = p->count;
	int r = OK;
	arena_init(&c.arena, 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		r = keep_worst(r, folder ? load_folder(&c, &kinds[i], folder, p)
		                         : load_builtin(&c, &kinds[i], p));
	if (c.product_count)
		qsort(c.products, c.product_count, sizeof(*c.products), compare_ids);
	if (c.order_count)
		qsort(c.orders, c.order_count, sizeof(*c.orders), compare_ids);
	if (r == OK)
		check_orders(&c, p);
	if (r == OK && p->count != before)
		r = ERR_INVALID;
	if (r < 0)
		catalogue_done(&c);
	else
		*ret = c;
	return r;
}

void catalogue_done(struct catalogue *c)
{
	free(c->products);
	free(c->orders);
	arena_done(&c->arena);
	*c = (struct catalogue){0};
}

const struct product *catalogue_product(const struct catalogue *c, const char *id)
{
	struct product key = {.id = id};
	return c->product_count
	               ? bsearch(&key, c->products, c->product_count, sizeof(key), compare_ids)
	               : NULL;
}

const struct order *catalogue_order(const struct catalogue *c, const char *id)
{
	struct order key = {.id = id};
	return c->order_count ? bsearch(&key, c->orders, c->order_count, sizeof(key), compare_ids)
	                      : NULL;
}
