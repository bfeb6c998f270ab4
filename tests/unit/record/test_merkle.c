#include <sodium.h>

#include "record/edge.h"
#include "record/merkle.h"
#include "tests/test.h"

/* the eight leaves and roots that implementations of RFC 6962 share */
static const char *const leaves[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

enum { SIZE_MAX_TRIED = 700 };

static struct merkle_hash stored[2][SIZE_MAX_TRIED];
static uint64_t stored_size;

static struct merkle_hash number_leaf(uint64_t i)
{
	return merkle_leaf(view_of(&i, sizeof(i)));
}

static int read_stored(void *context, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	(void)context;
	if (level > 1 || index >= stored_size >> 8 * level)
		return ERR_MISSING;
	*ret = stored[level][index];
	return OK;
}

static struct merkle_tree tree_of(uint64_t size)
{
	stored_size = size;
	return (struct merkle_tree){size, read_stored, NULL};
}

static int fill(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	for (uint64_t i = 0; i < SIZE_MAX_TRIED; i++)
		stored[0][i] = number_leaf(i);
	for (uint64_t i = 0; i < SIZE_MAX_TRIED / TILE_WIDTH; i++)
		stored[1][i] = merkle_fold(&stored[0][i * TILE_WIDTH], TILE_WIDTH);
	return 0;
}

static void the_shared_vectors_of_rfc_6962_hold(void **state)
{
	(void)state;
	struct edge edge;
	edge_init(&edge);
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		char text[2 * HASH_SIZE + 1];
		struct merkle_hash root = edge_root(&edge);
		sodium_bin2hex(text, sizeof(text), root.bytes, HASH_SIZE);
		assert_string_equal(text, roots[i]);
		if (i + 1 == sizeof(roots) / sizeof(*roots))
			break;
		uint8_t leaf[16];
		size_t size;
		assert_int_equal(sodium_hex2bin(leaf, sizeof(leaf), leaves[i], strlen(leaves[i]),
		                                NULL, &size, NULL),
		                 0);
		struct merkle_hash hash = merkle_leaf(view_of(leaf, size));
		assert_int_equal(edge_add(&edge, &hash, NULL, NULL), OK);
	}
}

static void the_edge_and_the_tiles_give_the_same_root(void **state)
{
	(void)state;
	struct edge edge;
	edge_init(&edge);
	for (uint64_t size = 0; size < SIZE_MAX_TRIED; size++) {
		struct merkle_tree tree = tree_of(size);
		struct merkle_hash root, other = edge_root(&edge);
		assert_int_equal(merkle_root(&tree, &root), OK);
		assert_true(merkle_hash_equal(&root, &other));
		assert_int_equal(edge_add(&edge, &stored[0][size], NULL, NULL), OK);
	}
}

static void every_inclusion_proof_holds_for_its_entry_only(void **state)
{
	(void)state;
	static const uint64_t sizes[] = {1, 2, 3, 7, 8, 255, 256, 257, 600};
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		struct merkle_tree tree = tree_of(sizes[s]);
		struct merkle_hash root;
		struct merkle_proof proof;
		assert_int_equal(merkle_root(&tree, &root), OK);
		for (uint64_t i = 0; i < tree.size; i++) {
			assert_int_equal(merkle_prove_inclusion(&tree, i, &proof), OK);
			const struct merkle_hash *leaf = &stored[0][i];
			assert_true(merkle_check_inclusion(&proof, i, tree.size, leaf, &root));
			assert_false(merkle_check_inclusion(&proof, i, tree.size, &stored[0][i + 1],
			                                    &root));
			assert_false(merkle_check_inclusion(&proof, i + 1, tree.size, leaf, &root));
			if (proof.count == 0)
				continue;
			proof.hashes[proof.count - 1].bytes[0] ^= 1;
			assert_false(merkle_check_inclusion(&proof, i, tree.size, leaf, &root));
			proof.hashes[proof.count - 1].bytes[0] ^= 1;
			proof.count--;
			assert_false(merkle_check_inclusion(&proof, i, tree.size, leaf, &root));
		}
		assert_int_equal(merkle_prove_inclusion(&tree, tree.size, &proof), ERR_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shared_vectors_of_rfc_6962_hold),
		cmocka_unit_test(the_edge_and_the_tiles_give_the_same_root),
		cmocka_unit_test(every_inclusion_proof_holds_for_its_entry_only),
	};
	return cmocka_run_group_tests(tests, fill, NULL);
}
