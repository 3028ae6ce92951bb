namespace Agb.Engine.Native;

/// <summary>Errors of a store's place that more than one part meets.</summary>
internal static class StoreErrors
{
    /// <summary>The store can be read and not written to.</summary>
    /// <param name="message">What was refused, and where.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException ReadOnly(string message, Exception? inner = null) => new(
        AgbErrorIds.ReadOnlyStore, AgbErrorKind.InvalidState, message,
        "Mount its file system writable, or set AGB_HOME to another directory. A file system that was writable before is made so by a device that fails: the kernel's log (dmesg) says more.",
        inner: inner);

    /// <summary>The device or the file system reports an error.</summary>
    /// <param name="message">What was being done, and what was said.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException DeviceFailed(string message, Exception? inner = null) => new(
        AgbErrorIds.DeviceFailed, AgbErrorKind.Failed, message,
        "The kernel's log (dmesg) says more. If it stays so, restore the AGB home directory from a backup on another device.", inner: inner);

    /// <summary>A device is full.</summary>
    /// <param name="message">What was being done, and what was said.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException NoSpace(string message, Exception? inner = null) => new(
        AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, message,
        "Free space on the device of the AGB home directory, then try again; nothing was changed.", inner: inner);
}
