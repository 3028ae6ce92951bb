using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>What can be done with an open terminal, and making new ones (pty(7)).</summary>
internal static unsafe class TerminalDevice
{
    /// <summary>Makes a terminal in a file system of terminals (devpts), which may be a sandbox's.</summary>
    /// <param name="directory">The root of that file system.</param>
    /// <param name="user">The user that the terminal belongs to.</param>
    /// <param name="group">The group.</param>
    /// <returns>The engine's end, which never blocks, and the end for programs.</returns>
    public static (ProcessDescriptor Master, ProcessDescriptor Terminal) Make(Fd directory, uint user, uint group)
    {
        var flags = Posix.O_RDWR | Posix.O_NOFOLLOW | Posix.O_NONBLOCK | Posix.O_CLOEXEC | TerminalLibc.O_NOCTTY;
        var master = ProcessDescriptor.Own(Posix.OpenAt(directory.Number, "ptmx\0"u8.ToArray(), flags, 0), "open of ptmx");
        ProcessDescriptor? terminal = null;
        try
        {
            var unlocked = 0;
            Check(TerminalLibc.Control(master.Number, TerminalLibc.TIOCSPTLCK, (nint)(&unlocked)), "ioctl(TIOCSPTLCK)");
            // Not by its path, which would be looked up here and not there.
            var peer = TerminalLibc.Control(
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

    /// <summary>The size; null for what is no terminal.</summary>
    public static (int Columns, int Rows)? TryGetSize(ProcessDescriptor terminal)
    {
        TerminalLibc.WindowSize size;
        return TerminalLibc.Control(terminal.Number, TerminalLibc.TIOCGWINSZ, (nint)(&size)) == 0
            ? (size.Columns, size.Rows)
            : null;
    }

    /// <summary>Sets the size; the programs in front get SIGWINCH.</summary>
    public static void SetSize(ProcessDescriptor terminal, int columns, int rows)
    {
        var native = new TerminalLibc.WindowSize { Columns = (ushort)columns, Rows = (ushort)rows };
        Check(TerminalLibc.Control(terminal.Number, TerminalLibc.TIOCSWINSZ, (nint)(&native)), "ioctl(TIOCSWINSZ)");
    }

    /// <summary>Makes a terminal pass every key and every byte as it is.</summary>
    /// <returns>Its settings before, for <see cref="Restore"/>.</returns>
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

    /// <summary>Sets settings from before.</summary>
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
            throw ProcessLibc.Error(call, Marshal.GetLastPInvokeError());
        }
    }
}
