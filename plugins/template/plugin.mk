# Builds my_plugin.so. Targets: all, check, install (to the user's plugins, where every run finds it), uninstall, clean.
PLUGIN = my_plugin
EXPERIMENTS = test.yaml example.yaml
include $(or $(shell pkg-config --variable=pluginmk fenchel),$(error pkg-config finds no fenchel; set PKG_CONFIG_PATH to the folder of its fenchel.pc))
