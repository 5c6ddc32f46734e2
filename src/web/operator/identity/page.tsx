/** Signing in and out of the house: sign-in, sign-up, the mailed links. Each screen is its own file. */
export { ForgotPasswordPage, ResetPasswordPage } from './password-screens.tsx'
export { SignInPage } from './sign-in.tsx'
export { SignUpPage } from './sign-up.tsx'
export { VerifyEmailPage } from './verify-email.tsx'
