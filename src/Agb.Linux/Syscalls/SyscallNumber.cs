namespace Agb.Linux;

/// <summary>The number of a system call on this processor (asm/unistd.h).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its number.</param>
/// <param name="IsDescriptor">Whether it returns a new descriptor.</param>
internal readonly record struct SyscallNumber(string Name, int Value, bool IsDescriptor = false)
{
    internal static readonly SyscallNumber ChangeDirectory = new("chdir", OnArm ? 49 : 80);
    internal static readonly SyscallNumber EnterDirectory = new("fchdir", OnArm ? 50 : 81);
    internal static readonly SyscallNumber Unmount = new("umount2", OnArm ? 39 : 166);
    internal static readonly SyscallNumber SetNamespace = new("setns", OnArm ? 268 : 308);
    internal static readonly SyscallNumber Unshare = new("unshare", OnArm ? 97 : 272);
    internal static readonly SyscallNumber OpenTree = new("open_tree", 428, true);
    internal static readonly SyscallNumber MoveMount = new("move_mount", 429);
    internal static readonly SyscallNumber OpenFileSystem = new("fsopen", 430, true);
    internal static readonly SyscallNumber Configure = new("fsconfig", 431);
    internal static readonly SyscallNumber MakeMount = new("fsmount", 432, true);
    internal static readonly SyscallNumber SetAttributes = new("mount_setattr", 442);

    private static bool OnArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
