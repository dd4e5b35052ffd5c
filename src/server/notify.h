/*
 * notify.h: says to systemd how far this process is (sd_notify(3), Type=notify), by the socket
 * that NOTIFY_SOCKET names. Without one nothing happens.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Requests are served from now on; again after each notify_reloading(). */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
