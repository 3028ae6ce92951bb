using System.Text;

namespace Agb.Linux;

/// <summary>Starts programs (posix_spawn(3)) with minimal inheritance: the given descriptors and environment alone, default
/// signals, and a new session.</summary>
/// <remarks>System.Diagnostics.Process is not used: its children share a terminal, and inherit the environment and all
/// descriptors of other libraries without close-on-exec.</remarks>
internal static unsafe class ProcessSpawn
{
    // posix_spawnattr_setflags(3): reset the signals of setsigdefault, set the mask, and call setsid(2) (glibc 2.26, musl 1.1.22).
    private const short SetSigDefault = 0x04, SetSigMask = 0x08, SetSid = 0x80;

    // glibc's types have 80 and 336 bytes, musl's 80 and 336 too; sigset_t has 128.
    private const int OpaqueBytes = 1024;
    private const int SignalSetBytes = 128;

    private static readonly delegate* unmanaged<void*, int, int> s_closeFrom = FindCloseFrom();

    /// <summary>Starts a program. The caller must reap it with <see cref="Reap"/>.</summary>
    /// <param name="arguments">The program's absolute path, and its arguments.</param>
    /// <param name="environment">All of its environment, as NAME=value.</param>
    /// <param name="input">Its stdin; null for /dev/null.</param>
    /// <param name="output">Its stdout; null for /dev/null.</param>
    /// <param name="errors">Its stderr; null for /dev/null.</param>
    /// <param name="tag">A mark for it and its descendants.</param>
    /// <returns>Its pid.</returns>
    /// <exception cref="IOException">It could not be started; HResult is the errno.</exception>
    public static int Start(
        IReadOnlyList<string> arguments,
        IReadOnlyList<string> environment,
        SafeHandle? input,
        SafeHandle? output,
        SafeHandle? errors,
        ulong? tag = null) => Start(arguments, environment, [input, output, errors], null, tag);

    /// <summary>Starts a program with more than three descriptors. The caller must reap it with <see cref="Reap"/>.</summary>
    /// <param name="arguments">The program's absolute path, and its arguments.</param>
    /// <param name="environment">All of its environment, as NAME=value.</param>
    /// <param name="streams">Its descriptors from 0 on; null for /dev/null.</param>
    /// <returns>Its pid.</returns>
    /// <exception cref="IOException">It could not be started; HResult is the errno.</exception>
    public static int Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeHandle?[] streams) =>
        Start(arguments, environment, streams, null, null);

    /// <summary>Starts a program on a terminal: its controlling terminal, stdin, stdout and stderr. The caller must reap it
    /// with <see cref="Reap"/>.</summary>
    /// <param name="arguments">The program's absolute path, and its arguments.</param>
    /// <param name="environment">All of its environment, as NAME=value.</param>
    /// <param name="terminal">The terminal's own end, open in this process.</param>
    /// <param name="tag">A mark for it and its descendants.</param>
    /// <returns>Its pid.</returns>
    /// <exception cref="IOException">It could not be started; HResult is the errno.</exception>
    public static int StartOn(
        IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeHandle terminal, ulong? tag) =>
        Start(arguments, environment, [null, terminal, terminal], terminal, tag);

    private static int Start(
        IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeHandle?[] streams, SafeHandle? terminal, ulong? tag)
    {
        ChildSignal.BeDefault();
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        Check(ProcessLibc.FileActionsInit(actions), "posix_spawn_file_actions_init");
        Check(ProcessLibc.AttributesInit(attributes), "posix_spawnattr_init");
        var held = new bool[streams.Length];
        var duplicates = new List<ProcessDescriptor>();
        var argumentBlock = StringBlock(arguments);
        var environmentBlock = StringBlock(environment);
        try
        {
            SetAttributes(attributes);
            Connect(actions, streams, terminal, held, duplicates);
            CloseOthers(actions, streams.Length);

            var pid = stackalloc int[1];
            var result = 0;
            ProcessTag.While(tag, () => result = Spawn(pid, argumentBlock, actions, attributes, environmentBlock));
            Check(result, $"start of {arguments[0]}");
            return pid[0];
        }
        finally
        {
            for (var i = 0; i < streams.Length; i++)
            {
                if (held[i])
                {
                    streams[i]!.DangerousRelease();
                }
            }
            duplicates.ForEach(d => d.Dispose());
            NativeMemory.Free(argumentBlock);
            NativeMemory.Free(environmentBlock);
            _ = ProcessLibc.FileActionsDestroy(actions);
            _ = ProcessLibc.AttributesDestroy(attributes);
        }
    }

    /// <summary>Default signals, none blocked, and a new session.</summary>
    private static void SetAttributes(void* attributes)
    {
        var signals = stackalloc byte[OpaqueBytes];
        Check(ProcessLibc.AttributesSetFlags(attributes, SetSigDefault | SetSigMask | SetSid), "posix_spawnattr_setflags");
        _ = ProcessLibc.SignalsNone(signals);
        Check(ProcessLibc.AttributesSetMask(attributes, signals), "posix_spawnattr_setsigmask");
        // .NET ignores SIGPIPE, and ignored signals stay ignored over exec. Not sigfillset(3): it leaves out two internal
        // signals of the C library, and the child would ignore both.
        new Span<byte>(signals, SignalSetBytes).Fill(0xff);
        Check(ProcessLibc.AttributesSetDefault(attributes, signals), "posix_spawnattr_setsigdefault");
    }

    /// <summary>Gives the child its descriptors from 0 on.</summary>
    /// <param name="actions">The actions of the start.</param>
    /// <param name="streams">The descriptors; null for the terminal as 0, else for /dev/null.</param>
    /// <param name="terminal">The controlling terminal, or null.</param>
    /// <param name="held">Receives the streams to release after the start.</param>
    /// <param name="duplicates">Receives the descriptors to close after the start.</param>
    private static void Connect(
        void* actions, SafeHandle?[] streams, SafeHandle? terminal, bool[] held, List<ProcessDescriptor> duplicates)
    {
        for (var i = 0; i < streams.Length; i++)
        {
            if (streams[i] is { } stream)
            {
                stream.DangerousAddRef(ref held[i]);
                var number = (int)stream.DangerousGetHandle();
                if (number < streams.Length)
                {
                    // An earlier stream would take its place.
                    duplicates.Add(ProcessDescriptor.Duplicate(number, streams.Length));
                    number = duplicates[^1].Number;
                }
                Check(ProcessLibc.FileActionsDuplicate(actions, number, i), "posix_spawn_file_actions_adddup2");
            }
            else if (i == 0 && terminal is not null)
            {
                // The child leads a session without a terminal by now, so an opened terminal becomes the session's
                // (tty(4)). By number: the path of the terminal is valid only in the sandbox.
                var path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)terminal.DangerousGetHandle()}");
                Check(ProcessLibc.FileActionsOpen(actions, i, path, Posix.O_RDWR, 0), "posix_spawn_file_actions_addopen");
            }
            else
            {
                var flags = i == 0 ? Posix.O_RDONLY : Posix.O_WRONLY;
                Check(ProcessLibc.FileActionsOpen(actions, i, "/dev/null", flags, 0), "posix_spawn_file_actions_addopen");
            }
        }
    }

    /// <summary>Waits for a child and drops its status. If SIGCHLD is ignored, the kernel reaps it.</summary>
    public static void Discard(int pid)
    {
        try
        {
            Reap(pid);
        }
        catch (IOException e) when (e.HResult == Errno.ECHILD)
        {
            // The child has ended all the same: waitpid(2) then returns only after the last child.
        }
    }

    /// <summary>Takes the status of an ended child, or waits for its end.</summary>
    /// <returns>The exit code, or the number of the fatal signal.</returns>
    /// <exception cref="IOException">ECHILD: another part of this process took the status.</exception>
    public static (int ExitCode, int? Signal) Reap(int pid)
    {
        int status;
        while (ProcessLibc.WaitPid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() is var error and not Errno.EINTR)
            {
                throw ProcessLibc.Error($"waitpid({pid})", error);
            }
        }
        return ReadStatus(status);
    }

    /// <summary>Reads a status of waitpid(2).</summary>
    public static (int ExitCode, int? Signal) ReadStatus(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? ((status >> 8) & 0xff, null) : (128 + signal, signal);
    }

    private static int Spawn(int* pid, void* arguments, void* actions, void* attributes, void* environment) =>
        ProcessLibc.Spawn(pid, ((byte**)arguments)[0], actions, attributes, (byte**)arguments, (byte**)environment);

    /// <summary>Closes all descriptors from a number on without close-on-exec: the parent of this process may have left some.</summary>
    private static void CloseOthers(void* actions, int first)
    {
        if (s_closeFrom is not null)
        {
            Check(s_closeFrom(actions, first), "posix_spawn_file_actions_addclosefrom_np");
            return;
        }
        foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            var number = int.Parse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture);
            if (number >= first && (Posix.Fcntl(number, Posix.F_GETFD, 0) & 1) == 0)
            {
                Check(ProcessLibc.FileActionsClose(actions, number), "posix_spawn_file_actions_addclose");
            }
        }
    }

    private static delegate* unmanaged<void*, int, int> FindCloseFrom() =>
        // glibc 2.34 and later.
        NativeLibrary.TryLoad("libc", typeof(ProcessSpawn).Assembly, null, out var libc)
        && NativeLibrary.TryGetExport(libc, "posix_spawn_file_actions_addclosefrom_np", out var address)
            ? (delegate* unmanaged<void*, int, int>)address
            : null;

    /// <summary>Lays strings out for execve(2): an array of pointers ended by null, then the bytes.</summary>
    private static void* StringBlock(IReadOnlyList<string> strings)
    {
        var pointers = (nuint)(strings.Count + 1) * (nuint)sizeof(byte*);
        var bytes = strings.Aggregate((nuint)0, (sum, s) => sum + (nuint)Encoding.UTF8.GetByteCount(s) + 1);
        var block = NativeMemory.Alloc(pointers + bytes);
        var array = (byte**)block;
        var next = (byte*)block + pointers;
        for (var i = 0; i < strings.Count; i++)
        {
            array[i] = next;
            var count = Encoding.UTF8.GetBytes(strings[i], new Span<byte>(next, Encoding.UTF8.GetByteCount(strings[i])));
            next[count] = 0;
            next += count + 1;
        }
        array[strings.Count] = null;
        return block;
    }

    private static void Check(int result, string call)
    {
        // The posix_spawn family returns the errno instead of setting it.
        if (result != 0)
        {
            throw ProcessLibc.Error(call, result);
        }
    }
}
