import ArgumentParser

struct Rollcall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollcall",
        abstract: "Turn contact files into campaigns' call lists.",
        discussion: """
            Drop a CSV export into a campaign's folder; moments later its contacts are in the store, every phone \
            number in E.164, and a result manifest beside the file says what happened, row by row.

            EXAMPLES
              rollcall campaign create spring-renewals --default-country-code US
              rollcall check leads.csv --campaign spring-renewals
              rollcall ingest leads.csv --campaign spring-renewals
              rollcall contacts list --campaign spring-renewals --limit 10
              rollcall run

            SETTINGS
              Flags win over the environment (ROLLCALL_SPOOL, ROLLCALL_LIMITS_ROWS, …), which wins over the \
            configuration file (--config FILE, else ROLLCALL_CONFIG, else /etc/rollcall/rollcall.yaml), which wins \
            over the defaults.

            EXIT STATUS
              0   done
              1   a file was refused (ingest, check)
              64  the command line is wrong
              70  something failed: the store or the spool cannot be used
              71  a limit leaves too little memory to start
              78  a setting is wrong
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, IngestCommand.self, CheckCommand.self, CampaignCommand.self, ContactsCommand.self,
            RetryCommand.self, StatusCommand.self, DoctorCommand.self, CleanCommand.self, HistoryCommand.self, UndoCommand.self,
            SuppressCommand.self, TokenCommand.self, PhoneCommand.self, CSVCommand.self,
        ])
}
