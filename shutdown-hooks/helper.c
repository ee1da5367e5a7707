/*
 * What sh cannot do before the power goes, or not fast enough: above all, copies of passphrases that lie in the kernel's own memory are
 * overwritten or given up.
 *
 *   uninitramfs-helper unmap NAME           remove a device-mapper mapping, as dmsetup remove does, in a tenth of the time that takes to start
 *   uninitramfs-helper unmount PATH         unmount what was mounted last at a path, as umount does where nothing else has to be told
 *   uninitramfs-helper serve MARK           do these two again and again: each as words on standard input, with a NUL after each and after the last;
 *                                           after what there is to say follows a line with MARK and the exit code
 *   uninitramfs-helper drop NAME            take the key from a dm-crypt mapping; nothing on it can be read or written afterwards. 3: it is none
 *   uninitramfs-helper panic                take the key from every dm-crypt mapping, without writing anything out, and power off within a second
 *   uninitramfs-helper keyring              empty the keyrings of every user, invalidate what can be, wait a second until they are collected
 *   uninitramfs-helper ttys                 overwrite the input buffers of the consoles
 *   uninitramfs-helper sockets              overwrite free slab objects that carried messages between sockets
 *   uninitramfs-helper files DIR...         overwrite the regular files below, on tmpfs and ramfs only, at most SECONDS_FOR_FILES
 *   uninitramfs-helper forget DIR...       drop the cached pages of the files below a folder, and overwrite what they were in
 *   uninitramfs-helper cached               take the passphrase that systemd cached for further disks out of root's keyring, and nothing else
 *   uninitramfs-helper share PERCENT FLOOR  overwrite so much of the free memory of a running system, give it back, and leave FLOOR MiB alone
 *   uninitramfs-helper unload MODULE...     take modules that nobody uses out of the kernel, and overwrite the memory that gives back
 *   uninitramfs-helper journal [SOCKET]     send entries for the journal on: on standard input, each after its length in four bytes
 *   uninitramfs-helper efivar FILE <TEXT    write a variable of the firmware through efivarfs, so that it outlives the power
 *   uninitramfs-helper fill SECONDS         touch all free memory in pages of 4 KiB, on every processor, until it is used up or the time is over
 *
 * Exit code 0: done; 1: in part, with one line that says why on standard error; 2: usage. Nothing here writes to a disk.
 * Static, so that it runs where nothing else is left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_FOR_FILES 2
#define PAGE 4096

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static void pause_for(double seconds) {
  struct timespec for_ = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
  nanosleep(&for_, NULL);
}

/* keyctl(2), by number: no library of that name is in a static tree. */
enum { JOIN_SESSION = 1, CLEAR = 7, LINK = 8, UNLINK = 9, SEARCH = 10, SETPERM = 5, REVOKE = 3, INVALIDATE = 21 };
enum { THREAD_RING = -1, PROCESS_RING = -2, SESSION_RING = -3, USER_RING = -4, USER_SESSION_RING = -5 };

static long keyctl(int what, long a, long b) { return syscall(SYS_keyctl, what, a, b, 0L, 0L); }

static void clear_rings(void) {
  static const int rings[] = {SESSION_RING, USER_SESSION_RING, USER_RING, PROCESS_RING, THREAD_RING};
  for (unsigned i = 0; i < sizeof rings / sizeof *rings; i++) keyctl(CLEAR, rings[i], 0);
}

/* How many keys with a secret are in /proc/keys (proc_keys(5)); with `end`, each is ended as far as its permissions allow. */
static int secrets(int end) {
  FILE *keys = fopen("/proc/keys", "r");
  if (!keys) return 0;
  char line[1024], flags[32], type[64];
  unsigned serial;
  int found = 0;
  while (fgets(line, sizeof line, keys)) {
    if (sscanf(line, "%x %31s %*s %*s %*s %*s %*s %63s", &serial, flags, type) != 3) continue;
    if (strcmp(type, "user") && strcmp(type, "logon") && strcmp(type, "encrypted") && strcmp(type, "trusted") && strcmp(type, "big_key")) continue;
    /* Revoked, dead, invalidated: the payload is gone, or is about to go. */
    if (strpbrk(flags, "RDi")) continue;
    found++;
    if (!end) continue;
    keyctl(SETPERM, (long)(int)serial, 0x3f3f3f3f);
    keyctl(REVOKE, (long)(int)serial, 0);
    keyctl(INVALIDATE, (long)(int)serial, 0);
  }
  fclose(keys);
  return found;
}

static void empty_rings_of(unsigned uid) {
  pid_t child = fork();
  if (child == 0) {
    if (uid) syscall(SYS_setresuid, uid, uid, uid);
    /* What is reachable from one's own session may be changed: "possession" (keyrings(7)). */
    keyctl(JOIN_SESSION, 0, 0);
    keyctl(LINK, USER_RING, SESSION_RING);
    keyctl(LINK, USER_SESSION_RING, SESSION_RING);
    secrets(1);
    clear_rings();
    _exit(0);
  }
  while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
}

static int keyring(void) {
  /* Otherwise a dead key keeps its payload for five minutes (kernel: security/keys/gc.c). */
  FILE *delay = fopen("/proc/sys/kernel/keys/gc_delay", "w");
  if (delay) {
    fputs("0", delay);
    fclose(delay);
  }
  clear_rings();
  empty_rings_of(0);
  FILE *users = fopen("/proc/key-users", "r");
  char line[256];
  unsigned uid;
  while (users && fgets(line, sizeof line, users))
    if (sscanf(line, " %u:", &uid) == 1 && uid) empty_rings_of(uid);
  if (users) fclose(users);
  int left = 1;
  for (double until = now() + 1; (left = secrets(0)) && now() < until;) pause_for(0.05);
  /* The collector works behind: what is out of sight may be about to go. */
  pause_for(0.05);
  if (!left) return 0;
  fprintf(stderr, "%d keys stay in the kernel's keyrings\n", left);
  return 1;
}

/* Under this name systemd keeps what was typed once (systemd: src/shared/ask-password-api.c, src/cryptsetup/cryptsetup.c). */
static int cached(void) {
  static const char *path = "/proc/sys/kernel/keys/gc_delay";
  char before[32] = "300";
  FILE *delay = fopen(path, "r");
  if (delay) {
    if (!fgets(before, sizeof before, delay)) strcpy(before, "300");
    fclose(delay);
  }
  keyctl(JOIN_SESSION, 0, 0);
  keyctl(LINK, USER_RING, SESSION_RING);
  long key = syscall(SYS_keyctl, (long)SEARCH, (long)USER_RING, "user", "cryptsetup", 0L);
  if (key < 0) return 0;
  /* Without it the payload would stay for five minutes (kernel: security/keys/gc.c). */
  if ((delay = fopen(path, "w"))) {
    fputs("0", delay);
    fclose(delay);
  }
  keyctl(REVOKE, key, 0);
  keyctl(UNLINK, key, USER_RING);
  keyctl(INVALIDATE, key, 0);
  pause_for(1);
  if ((delay = fopen(path, "w"))) {
    fputs(before, delay);
    fclose(delay);
  }
  return 0;
}

/* The line discipline keeps what was typed until other input overwrites it (kernel: drivers/tty/n_tty.c): 4096 bytes, and as many of echo. */
static void overwrite_tty(const char *path) {
  int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct termios was, raw;
  if (fd < 0) return;
  if (isatty(fd) && tcgetattr(fd, &was) == 0) {
    raw = was;
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    tcflush(fd, TCIFLUSH);
    char nothing = 'x';
    for (int i = 0; i < 4095 && ioctl(fd, TIOCSTI, &nothing) == 0; i++) {}
    tcflush(fd, TCIFLUSH);
    /* A new line discipline begins with clean buffers of its own; N_NULL in between, so that the old ones go (include/uapi/linux/tty.h). */
    int null = 27, usual = 0, current = 0;
    if (ioctl(fd, TIOCGETD, &current) == 0 && current == usual && ioctl(fd, TIOCSETD, &null) == 0) ioctl(fd, TIOCSETD, &usual);
    tcsetattr(fd, TCSANOW, &was);
  }
  close(fd);
}

/* Only the consoles: whoever had another terminal open has ended, and its buffers went with the last close. */
static int ttys(void) {
  char names[512] = "", path[300];
  FILE *active = fopen("/sys/class/tty/console/active", "r");
  if (active) {
    if (!fgets(names, sizeof names, active)) names[0] = 0;
    fclose(active);
  }
  for (char *name = strtok(names, " \n"); name; name = strtok(NULL, " \n")) {
    snprintf(path, sizeof path, "/dev/%s", name);
    /* One that answers to nobody is left behind, not waited for. */
    pid_t child = fork();
    if (child == 0) {
      alarm(2);
      overwrite_tty(path);
      _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
  }
  return 0;
}

/* 1 when the work of a processor ended because the time was over. Whoever is killed because no memory is left has done it. */
static int on_every_cpu(int (*work)(double), double seconds) {
  long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (long cpu = 0; cpu < cpus; cpu++) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    pid_t child = fork();
    if (child != 0) continue;
    FILE *score = fopen("/proc/self/oom_score_adj", "w");
    if (score) {
      fputs("1000", score);
      fclose(score);
    }
    _exit(sched_setaffinity(0, sizeof set, &set) == 0 ? work(seconds) : 0);
  }
  int status, late = 0;
  while (wait(&status) > 0 || errno == EINTR) late |= WIFEXITED(status) && WEXITSTATUS(status) != 0;
  return late;
}

/* Messages between sockets lie in slab objects, which keep their contents when they are free. Bounded: 60 pairs, 64 messages each. */
static int spray(double seconds) {
  static char nothing[1400];
  static int pairs[60][2];
  double until = now() + seconds;
  int count = 0;
  while (count < 60 && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pairs[count]) == 0) count++;
  static const int sizes[] = {16, 40, 72, 130, 200, 300, 450, 700, 900, 1400};
  for (int i = 0; i < count && now() < until; i++)
    for (int message = 0; message < 64; message++)
      if (send(pairs[i][0], nothing, sizes[(i + message) % (int)(sizeof sizes / sizeof *sizes)], MSG_DONTWAIT) < 0) break;
  return 0;
}

static double files_until;
static dev_t files_dev;

static int overwrite_file(const char *path, const struct stat *st, int kind, struct FTW *walk) {
  (void)walk;
  static char zeros[1 << 16];
  if (kind != FTW_F || !S_ISREG(st->st_mode) || st->st_dev != files_dev) return now() > files_until;
  int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  for (off_t at = 0; at < st->st_size && now() < files_until;) {
    off_t rest = st->st_size - at;
    ssize_t wrote = pwrite(fd, zeros, rest < (off_t)sizeof zeros ? (size_t)rest : sizeof zeros, at);
    if (wrote <= 0) break;
    at += wrote;
  }
  close(fd);
  return now() > files_until;
}

/* The file system this runs from, and the one it works in, under whatever path they are given. */
static int is_ours(dev_t dev) {
  struct stat own;
  return (stat("/", &own) == 0 && own.st_dev == dev) || (stat("/tmp", &own) == 0 && own.st_dev == dev);
}

static int files(int count, char **dirs) {
  files_until = now() + SECONDS_FOR_FILES;
  for (int i = 0; i < count; i++) {
    struct statfs fs;
    struct stat st;
    /* TMPFS_MAGIC and RAMFS_MAGIC (statfs(2)): nothing on a disk is ever opened. */
    if (statfs(dirs[i], &fs) != 0 || stat(dirs[i], &st) != 0 || ((unsigned)fs.f_type != 0x01021994u && (unsigned)fs.f_type != 0x858458f6u)) continue;
    files_dev = st.st_dev;
    if (is_ours(files_dev)) continue;
    if (nftw(dirs[i], overwrite_file, 32, FTW_PHYS | FTW_MOUNT) > 0) {
      fprintf(stderr, "not all files below %s were overwritten in %d s\n", dirs[i], SECONDS_FOR_FILES);
      return 1;
    }
  }
  return 0;
}

/*
 * Every processor fetches free pages in batches, and no process gets the rest of the last batch once the zone itself has nothing: not even who is
 * killed for it. Whoever has to reclaim and finds something has all such pages given back (kernel: mm/page_alloc.c, __alloc_pages_direct_reclaim). So, of
 * the first of these pieces, every other one is given up lazily (madvise(2)): each time the kernel takes some of that, the rests are handed out again.
 */
static int touch_memory(double seconds) {
  const size_t piece = 256 << 10, lures = 256;
  double until = now() + seconds;
  for (size_t count = 0; now() < until; count++) {
    char *memory = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) break;
    /* Huge pages would leave the small gaps between what is in use. */
    madvise(memory, piece, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < piece; at += PAGE) *(volatile char *)(memory + at) = 0;
    if (count % 2 == 0 && count < 2 * lures) madvise(memory, piece, MADV_FREE);
  }
  return now() >= until;
}

static int fill(double seconds) {
  if (!on_every_cpu(touch_memory, seconds)) return 0;
  fprintf(stderr, "there was more free memory than %g s are enough for\n", seconds);
  return 1;
}

/* Memory of every node, in turn: by default one node would be used up before the next. MPOL_INTERLEAVE is 3 (set_mempolicy(2)). */
static void use_all_nodes(void) {
  unsigned long all = ~0ul;
  syscall(SYS_set_mempolicy, 3, &all, sizeof all * 8);
}

/* Below the floor the kernel would begin to reclaim. */
static int may_take(unsigned long long bytes, unsigned long long floor) {
  struct sysinfo info;
  return sysinfo(&info) == 0 && (unsigned long long)info.freeram * info.mem_unit > floor + bytes;
}

/*
 * What the kernel keeps apart for pages that cannot be moved, in bytes (/proc/pagetypeinfo: counts of 1, 2, 4… pages). What was read from a block device
 * itself lay there, and no process gets its memory from there as long as there is other.
 */
static unsigned long long free_unmovable(void) {
  unsigned long long pages = 0;
  char line[512];
  FILE *info = fopen("/proc/pagetypeinfo", "r");
  if (!info) return 0;
  while (fgets(line, sizeof line, info)) {
    char *at = strstr(line, "Unmovable");
    if (!at || !strstr(line, "zone")) continue;
    at += strlen("Unmovable");
    for (unsigned order = 0; order < 16; order++) {
      char *end;
      /* ">100000": so many that they were not counted on. */
      while (*at == ' ' || *at == '>') at++;
      unsigned long count = strtoul(at, &end, 10);
      if (end == at) break;
      pages += (unsigned long long)count << order;
      at = end;
    }
  }
  fclose(info);
  return pages * PAGE;
}

/* Pipes hold such pages. @return bytes taken. */
static unsigned long long fill_pipes(double percent, unsigned long long floor) {
  enum { PIPE = 1 << 20 };
  static char zeros[PIPE];
  unsigned long long goal = (unsigned long long)((double)free_unmovable() * percent / 100), done = 0;
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  while (done + PIPE <= goal && may_take(PIPE, floor)) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) break;
    if (fcntl(ends[1], F_SETPIPE_SZ, PIPE) < 0) break;
    ssize_t wrote = write(ends[1], zeros, PIPE);
    if (wrote <= 0) break;
    done += (unsigned long long)wrote;
  }
  return done;
}

/* Free memory only, never what would have to be taken from somebody. */
static int share(double percent, double floor_mib) {
  const unsigned long long floor = (unsigned long long)(floor_mib * 1048576), piece = 4ull << 20;
  struct sysinfo info;
  if (sysinfo(&info) != 0) {
    perror("sysinfo");
    return 1;
  }
  unsigned long long goal = (unsigned long long)((double)info.freeram * info.mem_unit * percent / 100);
  FILE *score = fopen("/proc/self/oom_score_adj", "w");
  if (score) {
    fputs("1000", score);
    fclose(score);
  }
  use_all_nodes();
  unsigned long long done = fill_pipes(percent, floor);
  while (done + piece <= goal && may_take(piece, floor)) {
    char *memory = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) break;
    madvise(memory, piece, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < piece; at += PAGE) *(volatile char *)(memory + at) = 0;
    done += piece;
  }
  printf("%llu\n", done >> 20);
  return 0;
}

#define CAUGHT ((size_t)16 << 20)

/* The kernel hands out first what was freed last on the same processor: so these few megabytes are the pages that were dropped just now. */
static int catch_freed_pages(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < bytes; at += PAGE) *(volatile char *)(memory + at) = 0;
  munmap(memory, bytes);
  return 0;
}

/* A module's own memory goes back to the kernel as it is. What is given back on one processor is handed out there again. */
static int unload(char **modules) {
  struct sysinfo before, after;
  cpu_set_t here;
  int cpu = sched_getcpu(), failed = 0;
  CPU_ZERO(&here);
  if (cpu >= 0) CPU_SET(cpu, &here);
  if (cpu < 0 || sched_setaffinity(0, sizeof here, &here) != 0) return perror("sched_setaffinity"), 1;
  if (sysinfo(&before) != 0) return perror("sysinfo"), 1;
  for (; *modules; modules++)
    if (syscall(SYS_delete_module, *modules, O_NONBLOCK) != 0 && errno != ENOENT) {
      perror(*modules);
      failed = 1;
    }
  if (sysinfo(&after) != 0) return perror("sysinfo"), 1;
  size_t freed = after.freeram > before.freeram ? (after.freeram - before.freeram) * after.mem_unit : 0;
  return catch_freed_pages(freed < 3 * CAUGHT ? freed + CAUGHT : 4 * CAUGHT) || failed;
}

/* Clean pages only; what is not written out yet stays (posix_fadvise(2)). */
static int drop_pages(const char *path, const struct stat *st, int kind, struct FTW *walk) {
  (void)walk;
  if (kind != FTW_F || !S_ISREG(st->st_mode)) return now() > files_until;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
  return now() > files_until;
}

static int forget(int count, char **paths) {
  int failed = 0;
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu() < 0 ? 0 : sched_getcpu(), &here);
  sched_setaffinity(0, sizeof here, &here);
  files_until = now() + SECONDS_FOR_FILES;
  for (int i = 0; i < count; i++) {
    char *real = realpath(paths[i], NULL);
    if (real && nftw(real, drop_pages, 32, FTW_PHYS | FTW_MOUNT) == 0) {
      free(real);
      continue;
    }
    fprintf(stderr, "%s: %s\n", paths[i], real ? "not all of it was dropped in time" : strerror(errno));
    free(real);
    failed = 1;
  }
  return catch_freed_pages(CAUGHT) || failed;
}

/* linux/dm-ioctl.h, which is not among every compiler's own headers. */
struct dm_ioctl {
  unsigned version[3], data_size, data_start, target_count;
  int open_count;
  unsigned flags, event_nr, padding;
  unsigned long long dev;
  char name[128], uuid[129], data[7];
};
struct dm_target_spec {
  unsigned long long start, length;
  int status;
  unsigned next;
  char type[16];
};
struct dm_name_list {
  unsigned long long dev;
  unsigned next;
  char name[];
};
enum { DM_LIST_DEVICES = 2, DM_DEV_REMOVE = 4, DM_DEV_SUSPEND = 6, DM_TABLE_STATUS = 12, DM_TARGET_MSG = 14 };
enum { DM_SUSPEND = 1 << 1, DM_SKIP_LOCKFS = 1 << 10, DM_NOFLUSH = 1 << 11 };

/* A request with room for its answer. */
union dm_request {
  struct dm_ioctl head;
  char bytes[1 << 16];
};

static int dm_control = -1;

static void dm_prepare(union dm_request *request, const char *name, unsigned flags) {
  memset(request, 0, sizeof *request);
  request->head.version[0] = 4;
  request->head.data_size = sizeof *request;
  request->head.data_start = sizeof request->head;
  request->head.flags = flags;
  strncpy(request->head.name, name, sizeof request->head.name - 1);
}

static int dm_call(unsigned number, union dm_request *request) {
  if (dm_control < 0) dm_control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
  return dm_control < 0 ? -1 : ioctl(dm_control, _IOC(_IOC_READ | _IOC_WRITE, 0xfd, number, sizeof(struct dm_ioctl)), request);
}

static union dm_request dm_one, dm_all;

/* Refused by the kernel while it is open. No udev is left that would have to be told. */
static int unmap(const char *name) {
  if (strlen(name) >= sizeof dm_one.head.name) {
    fprintf(stderr, "%s: no mapping has so long a name\n", name);
    return 1;
  }
  dm_prepare(&dm_one, name, 0);
  if (dm_call(DM_DEV_REMOVE, &dm_one) == 0) return 0;
  fprintf(stderr, "%s: %s\n", dm_control < 0 ? "/dev/mapper/control" : name, strerror(errno));
  return 1;
}

static int unmount(const char *path) {
  if (umount2(path, UMOUNT_NOFOLLOW) == 0) return 0;
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  return 1;
}

/* Starting a process takes longer than what most of these do. */
static int serve(const char *mark) {
  static char request[1 << 16];
  size_t end = 0;
  dup2(STDOUT_FILENO, STDERR_FILENO);
  for (ssize_t got; (got = read(STDIN_FILENO, request + end, sizeof request - end)) > 0 || (got < 0 && errno == EINTR);) {
    if (got > 0) end += got;
    /* One at a time is asked for, so that nothing follows the last word. */
    if (end < 2 || request[end - 1] || request[end - 2]) {
      if (end == sizeof request) return 2;
      continue;
    }
    const char *operand = request + strlen(request) + 1;
    int is_one = operand + strlen(operand) + 2 == request + end;
    int code = 2;
    if (is_one && !strcmp(request, "unmap")) code = unmap(operand);
    if (is_one && !strcmp(request, "unmount")) code = unmount(operand);
    dprintf(STDOUT_FILENO, "\n%s %d\n", mark, code);
    end = 0;
  }
  return 0;
}

/* Asked for its status, not for its table: that would bring the key here. */
static int is_crypt(const char *name) {
  dm_prepare(&dm_one, name, DM_NOFLUSH);
  if (dm_call(DM_TABLE_STATUS, &dm_one) != 0) return 0;
  struct dm_target_spec *target = (void *)(dm_one.bytes + dm_one.head.data_start);
  return dm_one.head.target_count > 0 && !strcmp(target->type, "crypt");
}

/* What is not written yet stays unwritten. Only a suspended mapping lets go of its key (kernel: Documentation/admin-guide/device-mapper/dm-crypt.rst). */
static int drop_key(const char *name) {
  dm_prepare(&dm_one, name, DM_SUSPEND | DM_SKIP_LOCKFS | DM_NOFLUSH);
  if (dm_call(DM_DEV_SUSPEND, &dm_one) != 0) return 1;
  dm_prepare(&dm_one, name, 0);
  /* A message is the sector of its target, and the words. */
  strcpy(dm_one.bytes + dm_one.head.data_start + sizeof(unsigned long long), "key wipe");
  return dm_call(DM_TARGET_MSG, &dm_one) != 0;
}

static int drop(const char *name) {
  if (strlen(name) >= sizeof dm_one.head.name || !is_crypt(name)) {
    if (dm_control >= 0) return 3;
  } else if (drop_key(name) == 0) {
    return 0;
  }
  fprintf(stderr, "%s: %s\n", dm_control < 0 ? "/dev/mapper/control" : name, strerror(errno));
  return 1;
}

/* In a process for each: one that cannot be suspended holds up no other. @return the number of mappings that may still have their key. */
static int drop_all_keys(double seconds) {
  int left = 0;
  dm_prepare(&dm_all, "", 0);
  if (dm_call(DM_LIST_DEVICES, &dm_all) != 0) return 0;
  struct dm_name_list *each = (void *)(dm_all.bytes + dm_all.head.data_start);
  if (each->dev == 0) return 0;
  for (;; each = (void *)((char *)each + each->next)) {
    if (is_crypt(each->name)) {
      left++;
      if (fork() == 0) _exit(drop_key(each->name));
    }
    if (!each->next) break;
  }
  int status;
  for (double until = now() + seconds; left > 0 && now() < until;) {
    pid_t child = waitpid(-1, &status, WNOHANG);
    if (child < 0) break;
    if (child == 0) pause_for(0.005);
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) left--;
  }
  return left;
}

/* The machine is off within a second, whatever hangs. Nothing is written out. */
static int panic(void) {
  /* What lies on a disk whose key is gone cannot be read any more. */
  mlockall(MCL_CURRENT | MCL_FUTURE);
  int trigger = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
  if (trigger < 0 || geteuid() != 0) {
    fputs("dropping keys takes root\n", stderr);
    return 1;
  }
  if (fork() == 0) {
    pause_for(0.8);
    if (write(trigger, "o", 1) < 0) _exit(1);
    _exit(0);
  }
  drop_all_keys(0.4);
  clear_rings();
  empty_rings_of(0);
  reboot(RB_POWER_OFF);
  pause_for(5);
  return 1;
}

/* ioctl_iflags(2), by number: musl's own headers are without linux/fs.h. */
#define GET_FLAGS _IOR('f', 1, long)
#define SET_FLAGS _IOW('f', 2, long)
#define IMMUTABLE 0x10
/* EFI_VARIABLE_NON_VOLATILE, _BOOTSERVICE_ACCESS, _RUNTIME_ACCESS (UEFI 8.2.1), the first four bytes of the file, little-endian. */
#define ATTRIBUTES 7

/* One write(2) for all of it. Whatever is no well known variable is immutable while it is there, and a new one becomes so by itself
 * (kernel: Documentation/filesystems/efivarfs.rst). */
static int efivar(const char *path) {
  char data[4 + 1024] = {ATTRIBUTES};
  size_t length = 4;
  for (ssize_t got; length < sizeof data && (got = read(STDIN_FILENO, data + length, sizeof data - length)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return perror("standard input"), 1;
    length += (size_t)got;
  }
  int flags = 0, was_immutable = 0;
  int old = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (old >= 0 && ioctl(old, GET_FLAGS, &flags) == 0 && flags & IMMUTABLE) {
    was_immutable = 1;
    flags &= ~IMMUTABLE;
    if (ioctl(old, SET_FLAGS, &flags) != 0) return perror(path), 1;
  }
  int to = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  ssize_t put = to < 0 ? -1 : write(to, data, length);
  int failed = put == (ssize_t)length ? 0 : errno ? errno : EIO;
  flags |= IMMUTABLE;
  if (was_immutable) ioctl(old, SET_FLAGS, &flags);
  if (failed) fprintf(stderr, "%s: %s\n", path, strerror(failed));
  return failed != 0;
}

/* Whole, or not at all at the end of what there is. */
static int take(unsigned char *to, size_t length) {
  for (size_t had = 0; had < length;) {
    ssize_t got = read(STDIN_FILENO, to + had, length - had);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    had += (size_t)got;
  }
  return 1;
}

/* An entry is a datagram (systemd: docs/JOURNAL_NATIVE_PROTOCOL.md). journald that hangs is waited for two seconds, and then no more. */
static int journal(const char *socket_path) {
  static unsigned char entry[1 << 16];
  unsigned char head[4];
  struct timeval patience = {2, 0};
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  if (strlen(socket_path) >= sizeof at.sun_path) return 2;
  strcpy(at.sun_path, socket_path);
  int to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (to < 0 || connect(to, (struct sockaddr *)&at, sizeof at) != 0) return perror(socket_path), 1;
  setsockopt(to, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  while (take(head, sizeof head)) {
    size_t length = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    if (length > sizeof entry || !take(entry, length)) return 1;
    if (send(to, entry, length, MSG_NOSIGNAL) < 0) return perror(socket_path), 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  signal(SIGPIPE, SIG_IGN);
  /* systemd-shutdown hands a blocked SIGCHLD down. */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (!strcmp(what, "keyring") && argc == 2) return keyring();
  if (!strcmp(what, "unmap") && argc == 3) return unmap(argv[2]);
  if (!strcmp(what, "unmount") && argc == 3) return unmount(argv[2]);
  if (!strcmp(what, "serve") && argc == 3) return serve(argv[2]);
  if (!strcmp(what, "drop") && argc == 3) return drop(argv[2]);
  if (!strcmp(what, "panic") && argc == 2) return panic();
  if (!strcmp(what, "ttys") && argc == 2) return ttys();
  if (!strcmp(what, "sockets") && argc == 2) return on_every_cpu(spray, 0.5);
  if (!strcmp(what, "files") && argc > 2) return files(argc - 2, argv + 2);
  if (!strcmp(what, "forget") && argc > 2) return forget(argc - 2, argv + 2);
  if (!strcmp(what, "cached") && argc == 2) return cached();
  if (!strcmp(what, "share") && argc == 4 && atof(argv[2]) > 0 && atof(argv[2]) <= 100 && atof(argv[3]) > 0) return share(atof(argv[2]), atof(argv[3]));
  if (!strcmp(what, "unload") && argc > 2) return unload(argv + 2);
  if (!strcmp(what, "journal") && argc <= 3) return journal(argc == 3 ? argv[2] : "/run/systemd/journal/socket");
  if (!strcmp(what, "efivar") && argc == 3) return efivar(argv[2]);
  if (!strcmp(what, "fill") && argc == 3 && atof(argv[2]) > 0) return fill(atof(argv[2]));
  fputs("usage: uninitramfs-helper unmap NAME | unmount PATH | serve MARK | drop NAME | panic | keyring | ttys | sockets | files DIR... | forget DIR... | cached | share PERCENT FLOOR_MIB | unload MODULE... | efivar FILE | journal [SOCKET] | fill SECONDS\n", stderr);
  return 2;
}
