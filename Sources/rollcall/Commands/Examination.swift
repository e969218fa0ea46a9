import ContactStore
import Contacts
import Foundation
import Glibc
import Ingest
import PhoneNumbers
import Spool
import SystemPackage

/// Looks at what Rollcall needs of a machine, one thing after the other.
struct Examination {
    let settings: Settings

    func findings() -> [Finding] {
        [spool(), fileSystem(), watcher(), watches()] + headroom() + [memory(), database(), timeZones(), clock(), metadata(), service()]
    }

    private func spool() -> Finding {
        let subject = "spool"
        do { try settings.folders.check() } catch {
            return Finding(level: .error, subject: subject, message: "\(error)", remedy: "Make \(settings.spool), or set spool.")
        }
        for path in [settings.spool, settings.folders.processing] where access(path.string, R_OK | W_OK | X_OK) != 0 && errno != ENOENT {
            return Finding(
                level: .error, subject: subject, message: "\(path) is not open to this user (\(geteuid())): \(String(cString: strerror(errno)))",
                remedy: "chown -R rollcall: \(path), or run this as the service's user: sudo -u rollcall rollcall doctor")
        }
        return Finding(level: .ok, subject: subject, message: "\(settings.spool) can be read and written")
    }

    /// Claims are renames, which end at a file system's edge.
    private func fileSystem() -> Finding {
        let subject = "file system"
        guard let root = device(of: settings.spool) else {
            return Finding(level: .warning, subject: subject, message: "the spool is not there to be looked at", remedy: "See spool.")
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.spool.string)) ?? []
        let elsewhere = names.filter { name in device(of: settings.spool.appending(name)).map { $0 != root } ?? false }.sorted()
        guard let first = elsewhere.first else {
            return Finding(level: .ok, subject: subject, message: "the spool lies on one file system")
        }
        return Finding(
            level: .error, subject: subject, message: "\(elsewhere.count) folders lie on another file system than the spool, \(first) first",
            remedy: "Mount the file system at \(settings.spool) itself, or give it a spool of its own.")
    }

    private func device(of path: FilePath) -> dev_t? {
        var facts = stat()
        return stat(path.string, &facts) == 0 ? facts.st_dev : nil
    }

    private func watcher() -> Finding {
        let subject = "watcher"
        do {
            guard let program = try settings.serviceOptions().watchProgram else {
                return Finding(level: .ok, subject: subject, message: "not used: watch.mode is poll")
            }
            return Finding(level: .ok, subject: subject, message: "\(program)")
        } catch {
            return Finding(level: .error, subject: subject, message: "\(error)", remedy: "Install the whole package, or set watch.program.")
        }
    }

    /// One for each campaign's folder and its check folder, and one for the spool.
    private func watches() -> Finding {
        let subject = "inotify"
        guard let limits = InotifyLimits.current else {
            return Finding(
                level: .warning, subject: subject, message: "this kernel has no inotify", remedy: "Set watch.mode to poll.")
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.spool.string)) ?? []
        let needed = names.count { !$0.hasPrefix(".") } * 2 + 2
        guard limits.watches < needed + needed / 10 else {
            return Finding(level: .ok, subject: subject, message: "\(needed) watches needed, \(limits.watches) allowed")
        }
        return Finding(
            level: .warning, subject: subject,
            message: "\(needed) watches are needed, \(limits.watches) allowed: some folders would be looked at from time to time only",
            remedy: "\(limits.remedy(needed: needed)), and the same line in /etc/sysctl.d/60-rollcall.conf")
    }

    private func headroom() -> [Finding] {
        let warnings = Headroom(spool: settings.spool, database: settings.database).warnings
        if warnings.isEmpty { return [Finding(level: .ok, subject: "headroom", message: "disk, watches and open files have room")] }
        return warnings.map {
            Finding(level: .warning, subject: "headroom", message: $0, remedy: "Make room before it is used up; retention.* removes old files.")
        }
    }

    /// As this process has them, started as the service is.
    private func memory() -> Finding {
        let subject = "memory limits"
        guard let shortage = MemoryLimits.atStart.shortage(for: settings.memoryNeed) else {
            return Finding(level: .ok, subject: subject, message: "they leave what the service takes")
        }
        return Finding(level: .error, subject: subject, message: shortage, remedy: "Raise it where the service is started, then start it again.")
    }

    private func database() -> Finding {
        let subject = "database"
        guard FileManager.default.fileExists(atPath: settings.database.string) else {
            return Finding(
                level: .warning, subject: subject, message: "\(settings.database) is not there yet",
                remedy: "The service makes it at its first start; after a loss, restore the backup before.")
        }
        do {
            let problems = try settings.store().integrityProblems()
            guard let first = problems.first else {
                return Finding(level: .ok, subject: subject, message: "\(settings.database) is sound")
            }
            return Finding(
                level: .error, subject: subject, message: "\(settings.database) is damaged: \(first)",
                remedy: Self.restoring)
        } catch let error as StoreError where error.isDamaged {
            return Finding(level: .error, subject: subject, message: "\(error)", remedy: Self.restoring)
        } catch {
            return Finding(
                level: .error, subject: subject, message: "\(error)", remedy: "Run this as the service's user: sudo -u rollcall rollcall doctor")
        }
    }

    private static let restoring =
        "Stop the service and restore the newest backup; files that are dropped again change nothing that is there."

    private func timeZones() -> Finding {
        let known = TimeZone.knownTimeZoneIdentifiers.count
        guard known >= 300, TimeZone(identifier: "America/New_York") != nil else {
            return Finding(
                level: .error, subject: "time zones", message: "the time zone database is missing: \(known) zones are known",
                remedy: "apt-get install tzdata")
        }
        return Finding(level: .ok, subject: "time zones", message: "\(known) zones are known")
    }

    /// The newest thing that is known to have happened cannot lie ahead.
    private func clock() -> Finding {
        let subject = "clock"
        let released = try? Date(PhoneMetadata.date, strategy: .iso8601.year().month().day())
        var facts = stat()
        let stored = stat(settings.database.string + "-wal", &facts) == 0 ? Date(timeIntervalSince1970: Double(facts.st_mtim.tv_sec)) : nil
        let newest = [released, stored].compactMap(\.self).max() ?? .distantPast
        guard newest.timeIntervalSinceNow > 60 else {
            return Finding(level: .ok, subject: subject, message: Date.now.formatted(.iso8601))
        }
        return Finding(
            level: .warning, subject: subject, message: "it is \(Date.now.formatted(.iso8601)), before \(newest.formatted(.iso8601)), when something was written",
            remedy: "timedatectl set-ntp true")
    }

    private func metadata() -> Finding {
        let subject = "phone metadata"
        let released = (try? Date(PhoneMetadata.date, strategy: .iso8601.year().month().day())) ?? .now
        let days = Int(Date.now.timeIntervalSince(released) / 86_400)
        let message = "\(PhoneMetadata.version) of \(PhoneMetadata.date), \(max(0, days)) days old"
        guard days > 365 else { return Finding(level: .ok, subject: subject, message: message) }
        return Finding(level: .warning, subject: subject, message: message, remedy: "Upgrade Rollcall: new number ranges are refused as invalid.")
    }

    private func service() -> Finding {
        let subject = "service"
        if let process = SpoolLock.holder(of: settings.folders) {
            return Finding(level: .ok, subject: subject, message: "process \(process) serves the spool")
        }
        let hasUnit = ["/lib", "/usr/lib", "/etc"].contains { FileManager.default.fileExists(atPath: $0 + "/systemd/system/rollcall.service") }
        return Finding(
            level: .warning, subject: subject, message: "no process serves the spool",
            remedy: hasUnit ? "systemctl enable --now rollcall; journalctl -u rollcall tells why it stopped" : "rollcall run, or make install for a systemd unit")
    }
}
