using Microsoft.Data.Sqlite;

namespace Agb.Engine.Store.Tests.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The process dies before the call: this one and all later ones fail, those that clean up too.</summary>
    Death,

    /// <summary>The process dies right after a transaction is committed.</summary>
    DeathAfterCommit,

    /// <summary>An exception that nobody expects.</summary>
    Throw,

    /// <summary>No space is left, at a call that takes some.</summary>
    NoSpace,

    /// <summary>The device fails, at any call.</summary>
    InputOutput,

    /// <summary>A flush fails.</summary>
    Fsync,

    /// <summary>A write takes half of the bytes, and the next one finds no space.</summary>
    ShortWrite,
}

/// <summary>Lets the n-th call that can go wrong in a given way go wrong.</summary>
internal sealed class FaultPlan(FaultKind kind, int occurrence) : IFaults
{
    private static readonly string[] s_takesSpace =
        ["mkdir", "create", "symlink", "mkfifo", "mknod", "link", "rename", "write", "copy_file_range", "setxattr", "begin", "commit"];

    private readonly Lock _gate = new();
    private int _left = occurrence;
    private bool _isOn;

    /// <summary>What went wrong, or null as long as nothing has.</summary>
    internal string? Failed { get; private set; }

    /// <summary>How many calls could have gone wrong until one did.</summary>
    internal int Counted { get; private set; }

    internal bool IsDead => Failed is not null && kind is FaultKind.Death or FaultKind.DeathAfterCommit;

    public long Reach(string operation, string path, long count)
    {
        lock (_gate)
        {
            if (_isOn)
            {
                Fail(operation, path);
            }
            if (Failed is not null || !Concerns(operation))
            {
                return count;
            }
            Counted++;
            if (--_left > 0)
            {
                return count;
            }
            Failed = $"{kind} at {operation} {path}";
            _isOn = kind is FaultKind.Death or FaultKind.DeathAfterCommit or FaultKind.ShortWrite;
            if (kind != FaultKind.ShortWrite || count < 2)
            {
                Fail(operation, path);
            }
            return count / 2;
        }
    }

    private bool Concerns(string operation) => kind switch
    {
        FaultKind.DeathAfterCommit => operation == "committed",
        _ when operation == "committed" => false,
        FaultKind.NoSpace => s_takesSpace.Contains(operation),
        FaultKind.Fsync => operation is "fsync" or "syncfs",
        FaultKind.ShortWrite => operation is "write" or "copy_file_range",
        _ => true,
    };

    private void Fail(string operation, string path)
    {
        switch (kind)
        {
            case FaultKind.Death or FaultKind.DeathAfterCommit:
                throw new DeadException();
            case FaultKind.Throw:
                throw new InvalidOperationException("Injected.");
            case FaultKind.ShortWrite when operation is not ("write" or "copy_file_range"):
                return;
            case FaultKind.ShortWrite or FaultKind.NoSpace:
                // The disk is full once: what is removed then makes room.
                _isOn = false;
                throw operation is "begin" or "commit"
                    ? new SqliteException("database or disk is full", 13)
                    : new PosixException(operation, path, Errno.ENOSPC);
            default:
                throw operation is "begin" or "commit"
                    ? new SqliteException("disk I/O error", 10)
                    : new PosixException(operation, path, Errno.EIO);
        }
    }
}

/// <summary>Nothing that a dead process does has an effect.</summary>
internal sealed class DeadException : Exception;
