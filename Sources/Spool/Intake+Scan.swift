internal import Logging
internal import SystemPackage

extension Intake {
    func take(_ event: SpoolEvent) {
        switch event {
        case .changed(let folder, let name, let movedIn):
            if !FileNames.isTemporary(name) { look(at: name, in: folder, movedIn: movedIn) }
        case .appeared(let folder): scanSoon(folder)
        case .gone(let folder):
            campaigns[folder.campaign]?[isCheck: folder.isCheck].isUnwatched = false
            scanSoon(folder)
        case .unwatched(let folder, _):
            campaigns[folder.campaign, default: CampaignState()][isCheck: folder.isCheck].isUnwatched = true
        case .watching: isWatching = true
        case .rescan(let reason):
            if reason == .watcherStopped { isWatching = false }
            isRootToScan = true
            isDueByTheClock = false
        }
        poke()
    }

    func scanSoon(_ folder: DropFolder) {
        guard isToScan.insert(folder).inserted else { return }
        toScan.append(folder)
    }

    /// Looks into everything that is due, minding the timers in between.
    func scanAll() async {
        let troublesBefore = troublesMet
        var isWhole = false
        repeat {
            if isRootToScan {
                isWhole = true
                await scanRoot()
            }
            lookAtDue()
            guard toScanNext < toScan.count else { break }
            let folder = toScan[toScanNext]
            toScanNext += 1
            isToScan.remove(folder)
            await scan(folder)
        } while true
        toScan.removeAll()
        toScanNext = 0
        if isWhole && troublesMet == troublesBefore { endTrouble() }
    }

    /// Said once, whichever folder meets it first.
    private func meet(_ error: SpoolError) {
        troublesMet += 1
        guard trouble?.error.errno != error.errno else { return }
        trouble = SpoolTrouble(error)
        logger.error("the spool cannot be read", metadata: ["error": "\(error)"])
    }

    private func endTrouble() {
        guard trouble != nil else { return }
        trouble = nil
        logger.notice("the spool can be read again")
    }

    private func scanRoot() async {
        let isByTheClock = isDueByTheClock && isWatching
        (isRootToScan, isDueByTheClock) = (false, false)
        do throws(SpoolError) {
            let found = try await folders.campaigns()
            let known = isByTheClock ? campaigns.compactMap { UnchangedFolders.Campaign($0.key, $0.value) } : []
            let unchanged = try await UnchangedFolders(campaigns: known).keys(in: folders)
            for key in found where !unchanged.contains(key) { scanSoon(DropFolder(campaign: key)) }
            let there = Set(found)
            for key in campaigns.keys where !there.contains(key) { scanSoon(DropFolder(campaign: key)) }
        } catch {
            meet(error)
        }
    }

    private func scan(_ folder: DropFolder) async {
        let start = lastTurn
        let state = campaigns[folder.campaign]?[isCheck: folder.isCheck] ?? FolderState()
        let known = Set(state.held.lazy.filter { !$0.value.isFresh }.map(\.key))
        let limit = heldInAll < settings.mostInAll ? settings.mostPerFolder : settings.fewPerFolder
        do throws(SpoolError) {
            let scan = try await FolderScan.look(into: folder, of: folders, limit: limit, known: known)
            apply(scan, to: folder, since: start)
        } catch {
            if error.concernsAll || error.path == folders.root { meet(error) } else { meet(error, in: folder) }
        }
    }

    private func meet(_ error: SpoolError, in folder: DropFolder) {
        guard campaigns[folder.campaign]?[isCheck: folder.isCheck].trouble?.error != error else { return }
        campaigns[folder.campaign, default: CampaignState()][isCheck: folder.isCheck].trouble =
            SpoolTrouble(error, campaign: folder.campaign)
        logger.error("a drop folder cannot be read", metadata: ["error": "\(error)"])
    }

    private func endTrouble(in folder: DropFolder) {
        guard campaigns[folder.campaign]?[isCheck: folder.isCheck].trouble != nil else { return }
        campaigns[folder.campaign]?[isCheck: folder.isCheck].trouble = nil
        logger.notice("a drop folder can be read again", metadata: ["folder": "\(folders.path(of: folder))"])
    }

    /// - Parameter start: the turn in which the look began: what was learned since is newer.
    private func apply(_ scan: FolderScan, to folder: DropFolder, since start: UInt64) {
        endTrouble(in: folder)
        guard scan.place == .there else { return lose(folder, scan.place) }
        campaigns[folder.campaign, default: CampaignState()][isCheck: folder.isCheck].beyond = scan.beyond
        campaigns[folder.campaign]?[isCheck: folder.isCheck].modified = scan.modified
        note(scan, in: folder)
        let found = Set(scan.files.map(\.name))
        let held = campaigns[folder.campaign]?[isCheck: folder.isCheck].held ?? [:]
        for (name, candidate) in held where !found.contains(name) {
            if candidate.turn <= start && candidate.phase != .inHand { forget(name, in: folder) }
        }
        for file in scan.files { learn(file.facts, of: file.name, in: folder, movedIn: false, isEvent: false) }
        if scan.hasCheckFolder { scanSoon(DropFolder(campaign: folder.campaign, isCheck: true)) }
        reportLongHeld(in: folder)
    }

    private func note(_ scan: FolderScan, in folder: DropFolder) {
        let old = campaigns[folder.campaign]?[isCheck: folder.isCheck].leftAlone ?? []
        for entry in scan.leftAlone where !old.contains(entry) {
            logger.notice(
                "left alone: no regular file",
                metadata: [
                    "folder": "\(folders.path(of: folder))", "name": "\(OneLine.text(entry.name.string))",
                    "kind": "\(entry.kind.rawValue)",
                ])
        }
        campaigns[folder.campaign]?[isCheck: folder.isCheck].leftAlone = scan.leftAlone
        campaigns[folder.campaign]?[isCheck: folder.isCheck].isOnOtherFileSystem = false
    }

    private func lose(_ folder: DropFolder, _ place: FolderScan.Place) {
        let held = campaigns[folder.campaign]?[isCheck: folder.isCheck].held ?? [:]
        for (name, candidate) in held where candidate.phase != .inHand { forget(name, in: folder) }
        if place == .otherFileSystem { return tellOtherFileSystem(folder) }
        if folder.isCheck {
            if held.values.allSatisfy({ $0.phase != .inHand }) { campaigns[folder.campaign]?.check = nil }
            return
        }
        if campaigns[folder.campaign]?.check != nil {
            scanSoon(DropFolder(campaign: folder.campaign, isCheck: true))
        }
        if campaigns[folder.campaign]?.inHand == nil && campaigns[folder.campaign]?.check == nil {
            campaigns[folder.campaign] = nil
        }
    }

    private func tellOtherFileSystem(_ folder: DropFolder) {
        var state = campaigns[folder.campaign] ?? CampaignState()
        if !state[isCheck: folder.isCheck].isOnOtherFileSystem {
            logger.error(
                "left alone: this folder lies on another file system than the spool",
                metadata: ["folder": "\(folders.path(of: folder))"])
        }
        state[isCheck: folder.isCheck].isOnOtherFileSystem = true
        campaigns[folder.campaign] = state
    }

    private func reportLongHeld(in folder: DropFolder) {
        let held = campaigns[folder.campaign]?[isCheck: folder.isCheck].held ?? [:]
        for (name, candidate) in held where !candidate.reported && now() - candidate.firstSeen >= settings.report {
            guard case .heldBack(let reason) = candidate.phase else { continue }
            campaigns[folder.campaign]?[isCheck: folder.isCheck].held[name]?.reported = true
            logger.warning(
                "a file has been waiting for long",
                metadata: [
                    "folder": "\(folders.path(of: folder))", "name": "\(OneLine.text(name.string))",
                    "because": "\(reason.rawValue)",
                ])
        }
    }
}

extension Candidate {
    /// On its way to be taken, and so counted against the limit of files held.
    var isFresh: Bool {
        switch phase {
        case .settling, .ready: true
        case .heldBack, .inHand: false
        }
    }
}
