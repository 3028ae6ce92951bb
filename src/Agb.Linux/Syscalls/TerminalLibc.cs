namespace Agb.Linux;

/// <summary>The C library calls about terminals, as they are.</summary>
/// <remarks>Numbers are those of the kernel's generic ABI, the same on x64 and arm64. A struct termios is only passed between
/// calls, so the layout of its first field alone matters.</remarks>
internal static unsafe partial class TerminalLibc
{
    /// <summary>Room for struct termios: 60 bytes in glibc and musl.</summary>
    public const int SettingsBytes = 256;

    /// <summary>c_iflag, the first field of struct termios: input is UTF-8, so erasing removes a whole character.</summary>
    public const uint IUTF8 = 0x4000;

    /// <summary>open(2): the terminal does not become this process's controlling terminal.</summary>
    public const int O_NOCTTY = 0x100;

    /// <summary>ioctl_tty(2).</summary>
    public const ulong TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441, TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414;

    /// <summary>tcsetattr(3): after all output is written; typed-ahead input stays.</summary>
    public const int TCSADRAIN = 1;

    private const string Libc = "libc";

    [LibraryImport(Libc, EntryPoint = "isatty")]
    public static partial int IsTerminal(int descriptor);

    [LibraryImport(Libc, EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetSettings(int descriptor, byte* settings);

    [LibraryImport(Libc, EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetSettings(int descriptor, int when, byte* settings);

    [LibraryImport(Libc, EntryPoint = "cfmakeraw")]
    public static partial void MakeRaw(byte* settings);

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
