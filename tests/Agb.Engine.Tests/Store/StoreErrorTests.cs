using Agb.Protocol;

namespace Agb.Engine.Tests.Store;

/// <summary>Errors of the operating system are told apart, and keep their meaning over HTTP.</summary>
public sealed class StoreErrorTests
{
    [Theory]
    [InlineData(Errno.ENOSPC, AgbErrorIds.NoSpace)]
    [InlineData(Errno.EDQUOT, AgbErrorIds.NoSpace)]
    [InlineData(Errno.EROFS, AgbErrorIds.ReadOnlyStore)]
    [InlineData(Errno.EIO, AgbErrorIds.DeviceFailed)]
    [InlineData(Errno.EUCLEAN, AgbErrorIds.DeviceFailed)]
    [InlineData(Errno.EBADMSG, AgbErrorIds.DeviceFailed)]
    [InlineData(Errno.ESTALE, AgbErrorIds.DeviceFailed)]
    [InlineData(Errno.EREMOTEIO, AgbErrorIds.DeviceFailed)]
    [InlineData(Errno.ENAMETOOLONG, AgbErrorIds.InvalidPath)]
    [InlineData(Errno.EACCES, AgbErrorIds.AccessDenied)]
    [InlineData(Errno.EPERM, AgbErrorIds.AccessDenied)]
    [InlineData(Errno.ENOENT, AgbErrorIds.StoreCorrupt)]
    [InlineData(Errno.EOPNOTSUPP, AgbErrorIds.HostNotReady)]
    public void Each_errno_has_its_id(int errno, string errorId)
    {
        ErrorTranslation.Translate(new PosixException("write", "file", errno), "a test").ErrorId.ShouldBe(errorId);
        var error = ErrorTranslation.Translate((IOException)ProcessLibc.Error("write", errno), "a test");
        error.ErrorId.ShouldBe(errorId);
        error.Remedy.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, 507)]
    [InlineData(AgbErrorIds.ReadOnlyStore, AgbErrorKind.InvalidState, 409)]
    [InlineData(AgbErrorIds.DeviceFailed, AgbErrorKind.Failed, 500)]
    [InlineData(AgbErrorIds.InvalidPath, AgbErrorKind.InvalidInput, 400)]
    public void Each_id_has_its_status(string errorId, AgbErrorKind kind, int status) => WireErrors.StatusOf(errorId, kind).ShouldBe(status);

    [Fact]
    public void What_the_base_library_throws_for_paths_has_its_id_too()
    {
        ErrorTranslation.Translate(new PathTooLongException(), "a test").ErrorId.ShouldBe(AgbErrorIds.InvalidPath);
        ErrorTranslation.Translate(new DirectoryNotFoundException(), "a test").ErrorId.ShouldBe(AgbErrorIds.StoreCorrupt);
    }
}
