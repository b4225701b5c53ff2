# graphs: networks to reuse, one family a file. One line each.
EXTRA_DIST += graphs/README.md
nobase_dist_pkgdata_DATA += graphs/images.yaml
nobase_dist_pkgdata_DATA += graphs/mlp.yaml
