internal import SystemPackage

extension Intake {
    /// An event told of a name.
    func look(at name: FilePath.Component, in folder: DropFolder, movedIn: Bool) {
        guard let facts = facts(of: name, in: folder), facts.kind == .file else {
            forget(name, in: folder)
            return
        }
        if facts.size == 0 {
            // Its content is announced by another event, or found by the next look at the folder.
            forget(name, in: folder)
        } else if candidate(name, folder) == nil && isFull(folder) {
            campaigns[folder.campaign]?[isCheck: folder.isCheck].beyond += 1
        } else {
            learn(facts, of: name, in: folder, movedIn: movedIn, isEvent: true)
        }
    }

    /// A file is there, with these facts.
    func learn(
        _ facts: FileFacts, of name: FilePath.Component, in folder: DropFolder, movedIn: Bool, isEvent: Bool
    ) {
        guard let old = candidate(name, folder) else {
            let given = campaigns[folder.campaign]?[isCheck: folder.isCheck].gaveBack[facts.inode]
            if let given { return holdBack(name, folder, facts, .gaveBack, attempts: given) }
            return settle(name, folder, facts, after: movedIn || hasRested(facts) ? .zero : settings.settle)
        }
        if old.phase == .inHand || (old.phase == .heldBack(.gaveBack) && old.facts.inode == facts.inode) { return }
        // A closed file may be unchanged since the last look, but then its writer has just let go of it.
        guard isEvent || old.facts != facts else { return }
        settle(name, folder, facts, after: movedIn ? .zero : settings.settle)
    }

    /// Everything whose time has come.
    func lookAtDue() {
        let now = now()
        while let timer = timers.first, timer.due <= now {
            _ = timers.popFirst()
            if candidate(timer.name, timer.folder)?.turn == timer.turn { examine(timer.name, timer.folder) }
        }
    }

    private func examine(_ name: FilePath.Component, _ folder: DropFolder) {
        guard let old = candidate(name, folder) else { return }
        guard let open = try? folders.open(folder), let facts = try? open.facts(of: name), facts.kind == .file
        else { return forget(name, in: folder) }
        if facts != old.facts { return settle(name, folder, facts, after: settings.settle) }
        switch Completeness.look(at: facts, name, in: open) {
        case .complete: makeReady(name, folder, facts)
        case .perhaps where old.quietTime >= settings.settleWithoutLease: makeReady(name, folder, facts)
        case .perhaps where hasRested(facts): makeReady(name, folder, facts)
        case .perhaps: settle(name, folder, facts, after: settings.settleWithoutLease)
        case .incomplete(.writerHasItOpen) where old.attempts == 0:
            // It may be just about to let go: a single pass waits for it once.
            set(name, folder, facts, .settling, attempts: 1)
            schedule(name, folder, after: pause(after: 1))
        case .incomplete(let reason): holdBack(name, folder, facts, reason, attempts: old.attempts + 1)
        }
    }

    // MARK: Phases

    private func settle(
        _ name: FilePath.Component, _ folder: DropFolder, _ facts: FileFacts, after quiet: Duration
    ) {
        set(name, folder, facts, .settling, quiet: quiet)
        schedule(name, folder, after: quiet)
    }

    private func holdBack(
        _ name: FilePath.Component, _ folder: DropFolder, _ facts: FileFacts, _ reason: Incomplete, attempts: Int
    ) {
        set(name, folder, facts, .heldBack(reason), attempts: attempts)
        // An empty file changes before it is complete, and that is seen.
        if reason != .empty { schedule(name, folder, after: pause(after: attempts)) }
    }

    /// From the settle time, but not below a tenth of a second, doubling up to half a minute.
    private func pause(after attempts: Int) -> Duration {
        var pause = max(settings.settle, .milliseconds(100))
        for _ in 1..<max(2, min(attempts, 16)) where pause < .seconds(30) { pause *= 2 }
        return min(pause, max(.seconds(30), settings.settle))
    }

    private func makeReady(_ name: FilePath.Component, _ folder: DropFolder, _ facts: FileFacts) {
        set(name, folder, facts, .ready)
        campaigns[folder.campaign]?.ready.insert(
            ReadyFile(modified: facts.modified, turn: lastTurn, isCheck: folder.isCheck, name: name))
        enqueue(folder.campaign)
        wakeWaiters()
    }

    private func set(
        _ name: FilePath.Component, _ folder: DropFolder, _ facts: FileFacts, _ phase: Candidate.Phase,
        attempts: Int = 0, quiet: Duration = .zero
    ) {
        let old = candidate(name, folder)
        count(old?.phase, by: -1)
        count(phase, by: 1)
        lastTurn += 1
        var new = Candidate(
            facts: facts, phase: phase, turn: lastTurn, attempts: attempts, quietTime: quiet,
            firstSeen: old?.firstSeen ?? now(), seenAt: old?.seenAt ?? .now())
        new.reported = old?.reported ?? false
        campaigns[folder.campaign, default: CampaignState()][isCheck: folder.isCheck].held[name] = new
    }

    func forget(_ name: FilePath.Component, in folder: DropFolder) {
        guard let old = candidate(name, folder), old.phase != .inHand else { return }
        count(old.phase, by: -1)
        campaigns[folder.campaign]?[isCheck: folder.isCheck].held[name] = nil
        campaigns[folder.campaign]?[isCheck: folder.isCheck].gaveBack[old.facts.inode] = nil
        lookForMore(folder)
    }

    private func count(_ phase: Candidate.Phase?, by change: Int) {
        guard let phase else { return }
        heldInAll += change
        switch phase {
        case .settling: settling += change
        case .ready: readyFiles += change
        case .inHand: inHand += change
        case .heldBack: break
        }
    }

    private func schedule(_ name: FilePath.Component, _ folder: DropFolder, after pause: Duration) {
        timers.insert(Timer(due: now() + pause, folder: folder, name: name, turn: lastTurn))
    }

    // MARK: Handing out

    func enqueue(_ key: String) {
        guard let campaign = campaigns[key], campaign.inHand == nil, !campaign.isQueued, holds[key] == nil,
            let oldest = campaign.ready.first
        else { return }
        campaigns[key]?.isQueued = true
        queue.insert(ReadyCampaign(served: campaign.served, oldest: oldest.modified, campaign: key))
    }

    /// The oldest complete file of the campaign whose turn it is.
    func handOut() -> DroppedFile? {
        while let place = queue.popFirst() {
            campaigns[place.campaign]?.isQueued = false
            guard let campaign = campaigns[place.campaign], campaign.inHand == nil, holds[place.campaign] == nil
            else { continue }
            while let ready = campaigns[place.campaign]?.ready.popFirst() {
                if let file = handOut(ready, of: place.campaign) { return file }
            }
        }
        return nil
    }

    private func handOut(_ ready: ReadyFile, of key: String) -> DroppedFile? {
        let folder = DropFolder(campaign: key, isCheck: ready.isCheck)
        guard let candidate = candidate(ready.name, folder), candidate.phase == .ready else { return nil }
        guard candidate.turn == ready.turn else { return nil }
        guard let facts = facts(of: ready.name, in: folder) else {
            forget(ready.name, in: folder)
            return nil
        }
        guard facts == candidate.facts else {
            settle(ready.name, folder, facts, after: settings.settle)
            poke()
            return nil
        }
        set(ready.name, folder, facts, .inHand)
        let file = DroppedFile(
            folder: folder, name: ready.name, size: Int(clamping: facts.size), modified: facts.modified,
            seenAt: candidate.seenAt)
        campaigns[key]?.inHand = file
        campaigns[key]?.served = lastTurn
        return file
    }

    func takeBack(_ file: DroppedFile) {
        guard campaigns[file.folder.campaign]?.inHand == file else { return }
        campaigns[file.folder.campaign]?.inHand = nil
        let handed = candidate(file.name, file.folder)
        count(handed?.phase, by: -1)
        campaigns[file.folder.campaign]?[isCheck: file.folder.isCheck].held[file.name] = nil
        if let handed, let facts = facts(of: file.name, in: file.folder), facts.kind == .file, facts.size > 0 {
            putBack(file, handed, facts)
        } else if let inode = handed?.facts.inode {
            campaigns[file.folder.campaign]?[isCheck: file.folder.isCheck].gaveBack[inode] = nil
        }
        enqueue(file.folder.campaign)
        lookForMore(file.folder)
    }

    private func putBack(_ file: DroppedFile, _ handed: Candidate, _ facts: FileFacts) {
        guard facts.inode == handed.facts.inode else {
            return settle(file.name, file.folder, facts, after: settings.settle)
        }
        let before = campaigns[file.folder.campaign]?[isCheck: file.folder.isCheck].gaveBack[facts.inode]
        let times = (before ?? 0) + 1
        campaigns[file.folder.campaign]?[isCheck: file.folder.isCheck].gaveBack[facts.inode] = times
        holdBack(file.name, file.folder, facts, .gaveBack, attempts: times)
    }

    // MARK: Looking

    private func candidate(_ name: FilePath.Component, _ folder: DropFolder) -> Candidate? {
        let campaign = campaigns[folder.campaign]
        return folder.isCheck ? campaign?.check?.held[name] : campaign?.drop.held[name]
    }

    private func facts(of name: FilePath.Component, in folder: DropFolder) -> FileFacts? {
        guard let open = try? folders.open(folder) else { return nil }
        return (try? open.facts(of: name)) ?? nil
    }

    private func isFull(_ folder: DropFolder) -> Bool {
        let held = campaigns[folder.campaign]?[isCheck: folder.isCheck].held.count ?? 0
        let limit = heldInAll < settings.mostInAll ? settings.mostPerFolder : settings.fewPerFolder
        return held >= limit
    }

    /// Looks again once most of what was held of a fuller folder is done.
    private func lookForMore(_ folder: DropFolder) {
        guard let state = campaigns[folder.campaign]?[isCheck: folder.isCheck], state.beyond > 0 else { return }
        let limit = heldInAll < settings.mostInAll ? settings.mostPerFolder : settings.fewPerFolder
        let fresh = state.held.count
        if fresh <= limit / 4 { scanSoon(folder) }
    }

    /// By the system's clock, which may be off; a minute is beyond any settle time.
    private func hasRested(_ facts: FileFacts) -> Bool {
        let latest = max(facts.modified, facts.changed)
        let needed = max(settings.restedSeconds, settings.settle.components.seconds + 1)
        return FileTime.now().wholeSeconds(since: latest) >= needed
    }
}
