namespace Agb.Linux;

/// <summary>Operations on an open terminal, and creation of new ones (pty(7)).</summary>
internal static unsafe class TerminalDevice
{
    /// <summary>Makes a terminal in a devpts file system, such as a sandbox's.</summary>
    /// <param name="directory">The root of the devpts file system.</param>
    /// <param name="user">The owner of the terminal.</param>
    /// <param name="group">The group of the terminal.</param>
    /// <returns>The engine's end, non-blocking, and the end for programs.</returns>
    public static (ProcessDescriptor Master, ProcessDescriptor Terminal) Make(Fd directory, uint user, uint group)
    {
        var flags = Posix.O_RDWR | Posix.O_NOFOLLOW | Posix.O_NONBLOCK | Posix.O_CLOEXEC | TerminalLibc.O_NOCTTY;
        var master = ProcessDescriptor.Own(Posix.OpenAt(directory.Number, "ptmx\0"u8.ToArray(), flags, 0), "open of ptmx");
        ProcessDescriptor? terminal = null;
        try
        {
            var unlocked = 0;
            Check(Posix.Ioctl(master.Number, TerminalLibc.TIOCSPTLCK, (nint)(&unlocked)), "ioctl(TIOCSPTLCK)");
            // Not by its path: it is valid in the sandbox, not here.
            var peer = Posix.Ioctl(
                master.Number, TerminalLibc.TIOCGPTPEER, Posix.O_RDWR | Posix.O_CLOEXEC | TerminalLibc.O_NOCTTY);
            terminal = ProcessDescriptor.Own(peer, "ioctl(TIOCGPTPEER)");
            Check(Posix.FchownAt(terminal.Number, [0], user, group, Posix.AT_EMPTY_PATH), "chown of a terminal");
            var settings = stackalloc byte[TerminalLibc.SettingsBytes];
            Check(TerminalLibc.GetSettings(terminal.Number, settings), "tcgetattr");
            *(uint*)settings |= TerminalLibc.IUTF8;
            Check(TerminalLibc.SetSettings(terminal.Number, TerminalLibc.TCSADRAIN, settings), "tcsetattr");
            return (master, terminal);
        }
        catch
        {
            terminal?.Dispose();
            master.Dispose();
            throw;
        }
    }

    /// <summary>The size; null if the descriptor is no terminal.</summary>
    public static (int Columns, int Rows)? TryGetSize(ProcessDescriptor terminal)
    {
        TerminalLibc.WindowSize size;
        return Posix.Ioctl(terminal.Number, TerminalLibc.TIOCGWINSZ, (nint)(&size)) == 0
            ? (size.Columns, size.Rows)
            : null;
    }

    /// <summary>Sets the size; the foreground programs get SIGWINCH.</summary>
    public static void SetSize(ProcessDescriptor terminal, int columns, int rows)
    {
        var native = new TerminalLibc.WindowSize { Columns = (ushort)columns, Rows = (ushort)rows };
        Check(Posix.Ioctl(terminal.Number, TerminalLibc.TIOCSWINSZ, (nint)(&native)), "ioctl(TIOCSWINSZ)");
    }

    /// <summary>Switches a terminal to raw mode: every key and every byte passes unchanged.</summary>
    /// <returns>The previous settings, for <see cref="Restore"/>.</returns>
    public static byte[] MakeRaw(ProcessDescriptor terminal)
    {
        var before = new byte[TerminalLibc.SettingsBytes];
        fixed (byte* start = before)
        {
            Check(TerminalLibc.GetSettings(terminal.Number, start), "tcgetattr");
        }
        var raw = (byte[])before.Clone();
        fixed (byte* start = raw)
        {
            TerminalLibc.MakeRaw(start);
            Check(TerminalLibc.SetSettings(terminal.Number, TerminalLibc.TCSADRAIN, start), "tcsetattr");
        }
        return before;
    }

    /// <summary>Restores previous settings.</summary>
    public static void Restore(ProcessDescriptor terminal, byte[] settings)
    {
        fixed (byte* start = settings)
        {
            Check(TerminalLibc.SetSettings(terminal.Number, TerminalLibc.TCSADRAIN, start), "tcsetattr");
        }
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw ProcessLibc.Error(call);
        }
    }
}
