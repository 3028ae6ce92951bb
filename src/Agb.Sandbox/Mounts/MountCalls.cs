using Microsoft.Win32.SafeHandles;

namespace Agb.Sandbox;

/// <summary>The system calls that change the mounts of a running sandbox (fsopen(2), fsmount(2), move_mount(2), mount_setattr(2)).</summary>
/// <remarks>An overlay is made in the mount namespace around the sandbox, where the layers can be seen, and moved into that of the
/// sandbox.</remarks>
internal sealed class MountCalls : IDisposable
{
    private const int CloneFs = 0x200, CloneNewNs = 0x20000, CloneNewUser = 0x10000000;
    private const int CloseOnExec = 1, SetFlag = 0, SetString = 1, Create = 6;
    private const int OpenTreeClone = 1;
    private const int FromEmptyPath = 0x4, ToEmptyPath = 0x40, Beneath = 0x200;
    private const int DetachNow = 2;
    private const ulong PropagatesNot = (ulong)MountFlags.Private;

    // A string of fsconfig(2) has at most 255 bytes.
    private const int LongestString = 255;

    private readonly SafeFileHandle? _owner;
    private readonly SafeFileHandle? _around;
    private readonly SafeFileHandle _inside;
    private readonly List<IDisposable> _places = [];

    /// <summary>Begins calls for a sandbox.</summary>
    /// <exception cref="AgbException">SessionNotRunning.</exception>
    /// <exception cref="IOException">Its namespaces can't be opened.</exception>
    public MountCalls(SandboxHandle sandbox)
    {
        Sandbox = sandbox;
        _inside = Open(sandbox.InitPid, "mnt");
        if (!SandboxIdentity.IsRoot)
        {
            _owner = Open(sandbox.MonitorPid, "user");
        }
        _around = Open(sandbox.MonitorPid, "mnt");
        // Checked after the opening: the pids were not those of other processes.
        sandbox.RequireAlive();
        if (ProcessTable.TryRead(sandbox.MonitorPid)?.StartTime != sandbox.MonitorStartTime)
        {
            throw new IOException("The process around the sandbox has ended.");
        }
        Program.Add(SyscallNumber.Unshare, "of the working directory", CloneFs);
        if (_owner is not null)
        {
            Program.Add(SyscallNumber.SetNamespace, "to the sandbox's user namespace", _owner, CloneNewUser);
        }
    }

    /// <summary>The sandbox.</summary>
    public SandboxHandle Sandbox { get; }

    /// <summary>The calls so far.</summary>
    public SyscallProgram Program { get; } = new();

    /// <summary>Goes to the mount namespace around the sandbox.</summary>
    public void GoAround() => Program.Add(SyscallNumber.SetNamespace, "to the mounts around the sandbox", _around!, CloneNewNs);

    /// <summary>Goes to the mount namespace of the sandbox.</summary>
    public void GoInside() => Program.Add(SyscallNumber.SetNamespace, "to the mounts of the sandbox", _inside, CloneNewNs);

    /// <summary>Goes to the session's directory, the base of the names in mount options.</summary>
    public void GoToSession(string directory) => Program.Add(SyscallNumber.ChangeDirectory, directory, directory);

    /// <summary>Makes an overlay, visible nowhere yet.</summary>
    /// <returns>The step with its descriptor.</returns>
    public int MakeOverlay(SessionOverlay overlay, bool isReadOnly)
    {
        var about = $"of the overlay '{overlay.Name}'";
        var context = Program.Add(SyscallNumber.OpenFileSystem, about, "overlay", CloseOnExec);
        foreach (var (key, value) in Split(overlay.Options).Prepend(("source", "overlay")))
        {
            Configure(context, about, key, value);
        }
        Program.Add(SyscallNumber.Configure, about, SyscallProgram.Argument.ResultOf(context), Create, 0, 0, 0);
        return Program.Add(SyscallNumber.MakeMount, about, SyscallProgram.Argument.ResultOf(context), CloseOnExec, (int)AttributesOf(isReadOnly));
    }

    /// <summary>Makes a mount of a directory, visible nowhere yet.</summary>
    /// <param name="path">The directory, in the session's directory.</param>
    /// <param name="isReadOnly">Whether programs can't write to it.</param>
    /// <returns>The step with its descriptor.</returns>
    public int MakeBind(string path, bool isReadOnly)
    {
        var tree = Program.Add(SyscallNumber.OpenTree, path, Posix.AT_FDCWD, path, OpenTreeClone | Posix.O_CLOEXEC);
        SetAttributes(SyscallProgram.Argument.ResultOf(tree), AttributesOf(isReadOnly), 0, PropagatesNot);
        return tree;
    }

    /// <summary>Puts a mount in its place.</summary>
    /// <param name="mount">The step with its descriptor.</param>
    /// <param name="path">The absolute path in the sandbox; missing directories are made.</param>
    public void Attach(int mount, string path) =>
        Program.Add(SyscallNumber.MoveMount, $"to '{path}'", SyscallProgram.Argument.ResultOf(mount), "", Place(path, make: true), "", FromEmptyPath | ToEmptyPath);

    /// <summary>Puts a mount beneath the one at a path, and takes that away: every name is looked up in one of both.</summary>
    public void Replace(int mount, string path)
    {
        var place = Place(path, make: false);
        Program.Add(SyscallNumber.MoveMount, $"beneath '{path}'", SyscallProgram.Argument.ResultOf(mount), "", place, "", FromEmptyPath | ToEmptyPath | Beneath);
        TakeAway(place, path);
    }

    /// <summary>Takes the mount at a path away. Open files and directories keep it.</summary>
    public void Detach(string path) => TakeAway(Place(path, make: false), path);

    /// <summary>Takes a mount around the sandbox away, if it is there.</summary>
    public void DetachAround(string path)
    {
        Program.Add(SyscallNumber.Unmount, path, path, DetachNow);
        Program.Tolerate(Errno.EINVAL, Errno.ENOENT);
    }

    /// <summary>Makes the mount at a path read-only, or writable again. EBUSY while a file of it is open for writing.</summary>
    public void SetReadOnly(string path, bool isReadOnly) => SetAttributes(
        Place(path, make: false), isReadOnly ? Attribute.ReadOnly : Attribute.None, isReadOnly ? Attribute.None : Attribute.ReadOnly, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.ForEach(p => p.Dispose());
        _owner?.Dispose();
        _around?.Dispose();
        _inside.Dispose();
    }

    private void TakeAway(Fd place, string path)
    {
        // By the working directory: a path would be looked up again.
        Program.Add(SyscallNumber.EnterDirectory, path, place);
        Program.Add(SyscallNumber.Unmount, path, ".", DetachNow);
    }

    private Fd Place(string path, bool make)
    {
        var place = SessionRootView.OpenPlace(Sandbox, path, make);
        _places.Add(place);
        return place;
    }

    private void Configure(int context, string about, string key, string? value)
    {
        var step = SyscallProgram.Argument.ResultOf(context);
        if (value is null)
        {
            Program.Add(SyscallNumber.Configure, $"'{key}' {about}", step, SetFlag, key, 0, 0);
        }
        else if (value.Length <= LongestString)
        {
            Program.Add(SyscallNumber.Configure, $"'{key}' {about}", step, SetString, key, value, 0);
        }
        else
        {
            // From Linux 6.8 on.
            foreach (var layer in value.Split(':'))
            {
                Program.Add(SyscallNumber.Configure, $"'{key}+' {about}", step, SetString, key + "+", layer, 0);
            }
        }
    }

    private static IEnumerable<(string Key, string? Value)> Split(string options) =>
        options.Split(',').Select(o => o.Split('=', 2)).Select(o => (o[0], o.ElementAtOrDefault(1)));

    private void SetAttributes(SyscallProgram.Argument mount, Attribute set, Attribute clear, ulong propagation)
    {
        // struct mount_attr
        ulong[] values = [(ulong)set, (ulong)clear, propagation, 0];
        byte[] bytes = [.. values.SelectMany(BitConverter.GetBytes)];
        Program.Add(SyscallNumber.SetAttributes, "of the mount", mount, "", Posix.AT_EMPTY_PATH, SyscallProgram.Argument.Of(bytes), bytes.Length);
    }

    private static Attribute AttributesOf(bool isReadOnly) =>
        Attribute.NoSetUserId | Attribute.NoDevices | (isReadOnly ? Attribute.ReadOnly : Attribute.None);

    private static SafeFileHandle Open(int pid, string space) => File.OpenHandle(
        string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{space}"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>Attributes of a mount (mount_setattr(2)).</summary>
    [Flags]
    private enum Attribute
    {
        None = 0,
        ReadOnly = 1,
        NoSetUserId = 2,
        NoDevices = 4,
    }
}
