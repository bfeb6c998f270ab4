/* find.h - the functions of finders[]: what each looks at stands there, how is said in its source.
 *
 * Each is given one file that its patterns match (scan/finder.h). */
#pragma once

#include "scan/scan.h"

/* find_system.c: packages of systems */
void find_dpkg(struct scan *s, struct scan_file *f);
void find_apk(struct scan *s, struct scan_file *f);
void find_pacman(struct scan *s, struct scan_file *f);
void find_flatpak(struct scan *s, struct scan_file *f);
void find_snap(struct scan *s, struct scan_file *f);
/* find_rpm.c */
void find_rpm(struct scan *s, struct scan_file *f);
/* find_node.c, find_node_lock.c (and find_node_lock_lines.c) */
void find_node(struct scan *s, struct scan_file *f);
void find_node_lock(struct scan *s, struct scan_file *f);
/* find_python.c, find_python_lock.c */
void find_python(struct scan *s, struct scan_file *f);
void find_python_lock(struct scan *s, struct scan_file *f);
/* find_cargo.c, find_go.c, find_go_program.c */
void find_cargo(struct scan *s, struct scan_file *f);
void find_go(struct scan *s, struct scan_file *f);
void find_go_program(struct scan *s, struct scan_file *f);
/* find_git.c */
void find_git(struct scan *s, struct scan_file *f);
/* find_editor.c, find_jetbrains.c */
void find_editor(struct scan *s, struct scan_file *f);
void find_vsix(struct scan *s, struct scan_file *f);
void find_jetbrains(struct scan *s, struct scan_file *f);
/* find_chromium.c, find_firefox.c, find_browser_policy.c */
void find_chromium(struct scan *s, struct scan_file *f);
void find_web_app(struct scan *s, struct scan_file *f);
void find_firefox(struct scan *s, struct scan_file *f);
void find_xpi(struct scan *s, struct scan_file *f);
void find_browser_policy(struct scan *s, struct scan_file *f);
/* What a browser is told to install or open: ID, ID;URL, or URL. */
void find_browser_policy_text(struct scan *s, const struct scan_file *f, struct view text);
/* find_desktop.c, find_application.c, find_macos.c */
void find_desktop(struct scan *s, struct scan_file *f);
void find_appimage(struct scan *s, struct scan_file *f);
void find_bundle(struct scan *s, struct scan_file *f);
void find_preferences(struct scan *s, struct scan_file *f);
void find_registry(struct scan *s, struct scan_file *f);
/* find_configuration.c, find_open_webui.c, find_resolver.c, find_path.c, find_home.c */
void find_configuration(struct scan *s, struct scan_file *f);
void find_open_webui(struct scan *s, struct scan_file *f);
void find_resolver(struct scan *s, struct scan_file *f);
void find_path(struct scan *s, struct scan_file *f);
void find_home(struct scan *s, struct scan_file *f);
