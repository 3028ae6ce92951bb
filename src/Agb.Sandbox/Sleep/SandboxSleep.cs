namespace Agb.Sandbox;

/// <summary>Suspends and resumes sandboxes. The records in the session's directory are ahead of the processes, so that any process can undo
/// an interrupted suspension.</summary>
internal static class SandboxSleep
{
    /// <summary>Suspends every process of a sandbox. After a failure all of them run.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="directory">The session's directory.</param>
    /// <param name="allowed">The allowed means.</param>
    /// <exception cref="AgbException">SessionNotRunning; UnexpectedError when a process does not stop.</exception>
    public static void Suspend(SandboxHandle handle, string directory, Freezers allowed)
    {
        handle.RequireAlive();
        try
        {
            if (!TryFreeze(handle, directory, allowed))
            {
                StopSignals.Stop(handle, directory);
            }
        }
        catch
        {
            Resume(directory, () => handle);
            SleepRecords.Remove(directory);
            throw;
        }
    }

    /// <summary>Lets every suspended process of a sandbox go on. Without any, does nothing. The record stays.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="find">Finds the sandbox.</param>
    public static void Resume(string directory, Func<SandboxHandle?> find)
    {
        if (SleepRecords.TryRead(directory) is not { } record || record.BootId != ProcessTable.ReadBootId())
        {
            return;
        }
        record.Group?.Thaw();
        StopSignals.Continue(record, find);
    }

    /// <summary>Removes the group of a session whose processes shall end. A process frozen by version 1 can't be killed.</summary>
    public static void CleanUp(string directory)
    {
        if (SleepRecords.TryReadGroup(directory) is { } group)
        {
            group.Thaw();
            SessionControlGroups.Remove([group.Directory]);
        }
    }

    private static bool TryFreeze(SandboxHandle handle, string directory, Freezers allowed)
    {
        // Processes of an earlier suspension are still in its group.
        if (SleepRecords.TryReadGroup(directory) is { } earlier)
        {
            return TryFreeze(handle, directory, earlier);
        }
        var sessionId = Path.GetFileName(directory);
        foreach (var group in FreezerPlaces.For(sessionId, handle.Controls, allowed))
        {
            if (TryFreeze(handle, directory, group))
            {
                return true;
            }
            if (SleepRecords.TryReadGroup(directory) is not null)
            {
                // It could take some of the processes alone, and is removed with the session.
                return false;
            }
        }
        return false;
    }

    /// <summary>Freezes a sandbox by a group. The group is frozen first: a process that joins it then can't fork.</summary>
    /// <returns>False if this user can't.</returns>
    private static bool TryFreeze(SandboxHandle handle, string directory, FreezerGroup group)
    {
        SleepRecords.Write(directory, group);
        SleepRecords.Write(directory, new SleepRecord(handle.BootId, group));
        try
        {
            if (group.Make())
            {
                group.Freeze();
                SleepingProcesses.UntilNone(
                    handle,
                    all =>
                    {
                        var members = group.Read();
                        return all.Where(p => !members.Contains(p.Pid));
                    },
                    group.Add);
                SleepingProcesses.Wait(handle, () => group.IsFrozen);
                return true;
            }
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // Closed to this user, or to processes of another part of the tree.
            group.Thaw();
        }
        if (ProcessFiles.TryRemoveDirectory(group.Directory))
        {
            SleepRecords.RemoveGroup(directory);
        }
        return false;
    }
}
