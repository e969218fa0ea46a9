/// Every name that the service's figures have. `Config/grafana-dashboard.json` shows each of them.
extension ServiceMetrics {
    static let files = MetricFamily(.counter, "rollcall_files_total", "Files done with, by the manifest's status and code.")
    static let rows = MetricFamily(.counter, "rollcall_rows_total", "Data rows, by what became of them.")
    static let contacts = MetricFamily(.counter, "rollcall_contacts_total", "Contacts, by what a file changed of them.")
    static let rejections = MetricFamily(.counter, "rollcall_rejections_total", "Problems that kept rows or files out, by code.")
    static let retries = MetricFamily(.counter, "rollcall_retries_total", "Tries that failed and are repeated, by whose fault it is.")
    static let batchSeconds = MetricFamily(
        .histogram, "rollcall_batch_seconds", "Time of one transaction of contacts.",
        buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    static let fileSeconds = MetricFamily(
        .histogram, "rollcall_file_seconds", "Time from when a file is first seen until its outcome is settled.",
        buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800])
    static let backlog = MetricFamily(.gauge, "rollcall_backlog_files", "Files that are complete or settling, and wait.")
    static let incomplete = MetricFamily(.gauge, "rollcall_incomplete_files", "Files that are not complete.")
    static let inHand = MetricFamily(.gauge, "rollcall_in_hand_files", "Files being imported.")
    static let oldestWaiting = MetricFamily(.gauge, "rollcall_oldest_waiting_seconds", "How long the oldest file has waited that is not done with; 0 without any.")
    static let unwatched = MetricFamily(.gauge, "rollcall_unwatched_folders", "Drop folders that are looked at from time to time only.")
    static let campaigns = MetricFamily(.gauge, "rollcall_campaign_folders", "Campaigns that have a folder.")
    static let troubles = MetricFamily(.gauge, "rollcall_troubles", "What keeps files from being imported now: rollcall status tells.")
    static let diskFree = MetricFamily(.gauge, "rollcall_disk_free_bytes", "Bytes that Rollcall may still write on the file system.")
    static let diskFreeRatio = MetricFamily(.gauge, "rollcall_disk_free_ratio", "The same as a share of the file system, from 0 to 1.")
    static let watches = MetricFamily(.gauge, "rollcall_inotify_watches", "inotify watches that Rollcall's user has.")
    static let watchesLimit = MetricFamily(.gauge, "rollcall_inotify_watches_limit", "inotify watches that Rollcall's user may have.")
    static let openFiles = MetricFamily(.gauge, "process_open_fds", "Open file descriptors.")
    static let openFilesLimit = MetricFamily(.gauge, "process_max_fds", "Open file descriptors allowed.")
    static let metadataAge = MetricFamily(.gauge, "rollcall_phone_metadata_age_seconds", "Time since the phone metadata's release.")
    static let build = MetricFamily(.gauge, "rollcall_build_info", "Always 1; the labels say what runs.")
    static let startTime = MetricFamily(.gauge, "process_start_time_seconds", "When the service started, in seconds since 1970.")
    static let notices = MetricFamily(.counter, "rollcall_notices_total", "Tries to tell of a finished file, by channel and result.")
    static let noticesWaiting = MetricFamily(.gauge, "rollcall_notices_waiting", "Notices that are not delivered yet.")
    static let retention = MetricFamily(.counter, "rollcall_retention_files_total", "Files that retention removed or compressed.")

    /// For a `PrometheusRegistry`.
    package static let catalog = [
        files, rows, contacts, rejections, retries, batchSeconds, fileSeconds, backlog, incomplete, inHand, oldestWaiting,
        unwatched, campaigns, troubles, diskFree, diskFreeRatio, watches, watchesLimit, openFiles, openFilesLimit,
        metadataAge, build, startTime, notices, noticesWaiting, retention,
    ]
}
